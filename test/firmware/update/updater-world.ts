/**
 * An updater with real seals, files and HTTP; the slots and the board are stand-ins that remember over restarts, as the
 * real ones do (`image.emulated.test.ts` has those).
 */
import { createHash, randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Test } from 'tap'
import { expiryText } from '../../../firmware/update/expiry.ts'
import { openKeptUpdate } from '../../../firmware/update/kept-update.ts'
import type { BundleInfo } from '../../../firmware/update/slots.ts'
import { Updater } from '../../../firmware/update/updater.ts'
import { systemClock as clock } from '../../../src/base/clock.ts'
import { KioskError } from '../../../src/base/errors.ts'
import { silentLog } from '../../../src/base/log.ts'
import { openSigningKeys } from '../../../src/keys/file-key-store.ts'
import { openConfigSeal, openOpsSeal } from '../../../src/seal/config-seal.ts'
import { type ReportedUpdate, reportedUpdateSchema } from '../../../src/settings/update-desired.ts'
import { demoKeys } from '../../support/demo-keys.ts'

export const bundle = randomBytes(1_000_000)
const LATER = '2099-01-01T00:00:00.000Z'

/** Operations, and a server that has the bundle and knows no ranges. */
export async function operations(t: Test) {
  const { kioskKeys, keys } = await demoKeys(t, clock)
  const ops = openOpsSeal({ keys: await openSigningKeys(join(keys, 'ops'), 'ops'), clock })
  const sha256 = createHash('sha256').update(bundle).digest('hex')
  const ranges: (string | undefined)[] = []
  const server = createServer((request, response) => {
    ranges.push(request.headers.range)
    response.end(bundle)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/b`
  return { kioskKeys, ops, url, sha256, ranges }
}

/** A board whose other slot takes what is installed, and boots it until it is found bad. */
export class Board {
  running = '1.0.0'
  bootId = 'boot-1'
  next: string | undefined
  reboots = 0
  saidGood = 0
  installs = 0
  isUntrusted = false
  info: BundleInfo = {
    version: '1.1.0',
    compatible: 'tunggal-virt',
    description: expiryText(LATER),
    imageBytes: 100,
  }

  slots = {
    info: async (_bundle: string) => {
      if (this.isUntrusted)
        throw new KioskError('update/untrusted', { reason: 'signature verification failed' })
      return this.info
    },
    install: async (_bundle: string, _signal: AbortSignal) => {
      this.installs++
      this.next = this.info.version
    },
    markGood: async () => {},
    markBad: async () => {
      this.next = undefined
    },
    status: async () => ({ compatible: 'tunggal-virt', booted: 'A', otherBytes: 1000 }),
  }

  boot(version: string): void {
    this.running = version
    this.bootId = `boot-${++this.reboots}`
  }
}

export class Kiosk {
  readonly illnesses = new Set<string>()
  isIdle = true
  retired = 0
  async troubles() {
    return [...this.illnesses]
  }
  retire() {
    this.retired++
  }
}

export type Operations = Awaited<ReturnType<typeof operations>>

/** A kiosk of theirs. */
export async function newWorld(t: Test, { kioskKeys, ops, url, sha256 }: Operations) {
  const data = t.testdir()
  const folder = join(data, 'update')
  const stick = join(data, 'stick')
  const board = new Board()
  const kiosk = new Kiosk()
  const reports: ReportedUpdate[] = []
  const room = { freeBytes: 2_000_000 }
  let reboots = 0
  let take: (body: Uint8Array) => Promise<void> = async () => {}
  let updater: Updater | undefined
  const settings = {
    windowFrom: '00:00',
    windowTo: '00:00',
    bytesPerSecondMax: 1e9,
    goodMs: 1_000,
    limitMs: 2_000,
  }
  const start = async () => {
    const { running: version, bootId } = board
    const now = { at: new Date().toISOString(), running: version, bootId }
    updater = new Updater({
      kept: await openKeptUpdate(folder, now),
      folder,
      slots: board.slots,
      machine: {
        version,
        bootId,
        async reboot() {
          reboots++
        },
        async sayGood() {
          board.saidGood++
        },
      },
      channel: {
        async subscribe(taker) {
          take = taker
        },
        onConnection: () => () => {},
        report: body => reports.push(reportedUpdateSchema.parse(JSON.parse(Buffer.from(body).toString()))),
      },
      seal: openConfigSeal({ keys: kioskKeys, clock }),
      clock,
      log: silentLog,
      kiosk,
      settings: () => settings,
      timeZone: 'Asia/Jakarta',
      authorities: [],
      freeBytes: async () => room.freeBytes,
      stick,
    })
    await updater.start()
  }
  const stop = async () => updater?.stop()
  t.teardown(stop)
  await start()
  return {
    board,
    kiosk,
    reports,
    settings,
    room,
    stick,
    folder,
    reboots: () => reboots,
    report: () => updater?.report(),
    async want(version: number, more = {}) {
      const desired = {
        version,
        image: '1.1.0',
        compatible: 'tunggal-virt',
        url,
        sha256,
        bytes: bundle.length,
      }
      await take((await ops.sealUpdate(kioskKeys.name, { ...desired, expiresAt: LATER, ...more })).body)
    },
    take: (body: Uint8Array) => take(body),
    async restart(version: string) {
      await stop()
      board.boot(version)
      await start()
    },
    /** Of the runtime alone. */
    async startAgain() {
      await stop()
      await start()
    },
  }
}

export function isGone(file: string): Promise<boolean> {
  return stat(file).then(
    () => false,
    () => true,
  )
}
