/**
 * Goal: a kiosk comes to the image that operations want, never while somebody is there, and back to the one before
 * where it is not well with it; operations are told what came of it.
 * Method: the updater with real seals, files and HTTP; the slots and the board are stand-ins that remember over
 * restarts, as the real ones do (`image.emulated.test.ts` has those).
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
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
import { until } from '../../support/until.ts'

const { kioskKeys, keys } = await demoKeys(t, clock)
const ops = openOpsSeal({ keys: await openSigningKeys(join(keys, 'ops'), 'ops'), clock })
const bundle = randomBytes(1_000_000)
const sha256 = createHash('sha256').update(bundle).digest('hex')
const server = createServer((_, response) => response.end(bundle))
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
t.teardown(() => server.close())
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/b`
const LATER = '2099-01-01T00:00:00.000Z'

/** A board whose other slot takes what is installed, and boots it until it is found bad. */
class Board {
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
    info: async () => {
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

class Kiosk {
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

async function newWorld(t: Test) {
  const data = t.testdir()
  const folder = join(data, 'update')
  const stick = join(data, 'stick')
  const board = new Board()
  const kiosk = new Kiosk()
  const reports: ReportedUpdate[] = []
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
      freeBytes: async () => 2_000_000,
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

function isGone(file: string): Promise<boolean> {
  return stat(file).then(
    () => false,
    () => true,
  )
}

t.test('to a new image, and it is kept', async t => {
  const { board, want, report, reports, reboots, restart, kiosk, folder } = await newWorld(t)
  await until(() => board.saidGood === 1)
  await want(1)
  await until(() => reboots() === 1)
  t.match(report(), { running: '1.0.0', pending: { image: '1.1.0', step: 'restarting' } })
  t.equal(kiosk.retired, 1)
  await restart('1.1.0')
  t.match(report(), { pending: { step: 'on-trial' } })
  await until(() => report()?.pending === undefined)
  t.match(report(), { version: 1, state: 'applied', running: '1.1.0', errors: [] })
  t.equal(board.saidGood, 2)
  await until(() => isGone(join(folder, 'bundle.raucb')))
  const percents = new Set(reports.flatMap(({ pending }) => pending?.percent ?? []))
  t.ok(percents.size >= 4, `its progress is told: ${[...percents]}`)
  const steps = new Set(reports.map(({ pending }) => pending?.step))
  for (const step of ['downloading', 'waiting', 'installing', 'restarting'] as const)
    t.ok(steps.has(step), step)
})

t.test('wanted in the kiosk’s first seconds, while its image is said to be good', async t => {
  const { board, want, report, reports, reboots, restart } = await newWorld(t)
  await until(() => board.saidGood === 1)
  board.slots.markGood = () => want(1)
  await restart('1.0.0')
  await until(() => reboots() === 1)
  t.match(report(), { running: '1.0.0', pending: { image: '1.1.0', step: 'restarting' } })
  t.notOk(reports.some(({ version, state }) => version === 1 && state === 'applied'))
})

t.test('wanted while an earlier one is examined: that one’s end is not the newer one’s', async t => {
  const { board, want, report, reboots } = await newWorld(t)
  await until(() => board.saidGood === 1)
  const { info } = board.slots
  board.slots.info = async () => {
    board.slots.info = info
    await want(2)
    throw new KioskError('update/untrusted', { reason: 'signature verification failed' })
  }
  await want(1)
  await until(() => reboots() === 1)
  t.match(report(), { version: 0, pending: { version: 2, step: 'restarting' } })
  t.equal(board.installs, 1)
})

t.test('what a start finds of a bundle that is no longer wanted is taken away', async t => {
  const { board, restart, folder } = await newWorld(t)
  await until(() => board.saidGood === 1)
  await mkdir(folder, { recursive: true })
  for (const name of ['bundle.raucb', 'bundle.raucb.part']) await writeFile(join(folder, name), 'left')
  await restart('1.0.0')
  await until(() => board.saidGood === 2)
  for (const name of ['bundle.raucb', 'bundle.raucb.part']) await until(() => isGone(join(folder, name)))
  t.equal(board.installs, 0)
})

t.test('a start while an update waits for the night: the image that runs is good all the same', async t => {
  const { board, want, report, restart, kiosk } = await newWorld(t)
  await until(() => board.saidGood === 1)
  kiosk.isIdle = false
  await want(1)
  await until(() => report()?.pending?.step === 'waiting')
  await restart('1.0.0')
  await until(() => board.saidGood === 2)
  t.match(report(), { running: '1.0.0', pending: { step: 'waiting' } })
})

t.test(
  'the runtime starts again while a slot is filled: it neither waits at its end nor gives up',
  async t => {
    const { board, want, report, reports, reboots, startAgain } = await newWorld(t)
    await until(() => board.saidGood === 1)
    const { install, markGood, status } = board.slots
    let asked = 0
    const busy = async () => {
      asked++
      throw new KioskError('update/no-slots', { reason: 'already processing a different method' })
    }
    board.slots.install = (_, signal?: AbortSignal) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(new KioskError('update/not-installed')))
      })
    await want(1)
    await until(() => report()?.pending?.step === 'installing')
    Object.assign(board.slots, { markGood: busy, status: busy })
    await startAgain()
    await until(() => asked >= 2)
    t.match(report(), { version: 0, pending: { version: 1, step: 'waiting' } })
    Object.assign(board.slots, { install, markGood, status })
    await startAgain()
    await until(() => reboots() === 1)
    t.equal(board.installs, 1)
    t.notOk(reports.some(({ state }) => state === 'rejected'))
  },
)

t.test('a bundle is not refused because RAUC is at work', async t => {
  const { board, want, report, reports, reboots, startAgain } = await newWorld(t)
  await until(() => board.saidGood === 1)
  const { status } = board.slots
  board.slots.status = async () => {
    board.slots.status = status
    throw new KioskError('update/no-slots', { reason: 'already processing a different method' })
  }
  await want(1)
  await until(() => board.slots.status === status)
  await startAgain()
  await until(() => reboots() === 1)
  t.match(report(), { pending: { version: 1, step: 'restarting' } })
  t.notOk(reports.some(({ state }) => state === 'rejected'))
})

t.test('nobody is interrupted, and the window is kept to', async t => {
  const { board, want, report, reboots, kiosk, settings } = await newWorld(t)
  kiosk.isIdle = false
  await want(1)
  await until(() => report()?.pending?.step === 'waiting')
  t.equal(board.installs, 0)
  const soon = new Date(Date.now() + 7 * 3_600_000 + 30 * 60_000).toISOString().slice(11, 16)
  const later = new Date(Date.now() + 7 * 3_600_000 + 40 * 60_000).toISOString().slice(11, 16)
  Object.assign(settings, { windowFrom: soon, windowTo: later })
  kiosk.isIdle = true
  await want(2)
  await until(() => report()?.pending?.version === 2 && report()?.pending?.step === 'waiting')
  t.equal(board.installs, 0, 'the window is closed')
  Object.assign(settings, { windowTo: soon })
  await want(3)
  await until(() => reboots() === 1)
  t.equal(board.installs, 1)
})

t.test('an image that the kiosk is not well with is left', async t => {
  const { board, want, report, reboots, restart, kiosk } = await newWorld(t)
  kiosk.illnesses.add('part printer')
  await want(1)
  await until(() => reboots() === 1)
  await restart('1.1.0')
  kiosk.illnesses.add('broker')
  await until(() => reboots() === 2)
  t.equal(board.next, undefined, 'the slot is marked bad')
  await restart('1.0.0')
  t.match(report(), {
    version: 1,
    state: 'rolled-back',
    running: '1.0.0',
    errors: [{ code: 'update/unwell', where: 'broker' }],
  })
  await want(1)
  t.match(report(), { state: 'rolled-back', pending: undefined }, 'it is not tried for ever')
})

t.test('what was ill before is not its doing', async t => {
  const { want, report, reboots, restart, kiosk } = await newWorld(t)
  kiosk.illnesses.add('broker')
  await want(1)
  await until(() => reboots() === 1)
  await restart('1.1.0')
  await until(() => report()?.pending === undefined)
  t.match(report(), { state: 'applied' })
})

t.test('refused, with the reason', async t => {
  const { board, want, report, take } = await newWorld(t)
  board.isUntrusted = true
  await want(1)
  await until(() => report()?.version === 1)
  t.match(report(), { state: 'rejected', errors: [{ code: 'update/untrusted' }] })
  board.isUntrusted = false
  board.info = { ...board.info, version: '1.0.5' }
  await want(2)
  await until(() => report()?.version === 2)
  t.match(
    report(),
    { state: 'rejected', errors: [{ code: 'update/other-hash' }] },
    'not the one that was named',
  )
  await want(3, { bytes: 5_000_000 })
  await until(() => report()?.version === 3)
  t.match(report(), { state: 'rejected', errors: [{ code: 'update/too-large' }] })
  await want(2)
  t.match(report(), { refused: { count: 1, code: 'update/stale' } })
  await take((await ops.sealConfig(kioskKeys.name, { version: 9, settings: {} })).body)
  await take(Buffer.from('nothing'))
  t.match(report(), { refused: { count: 3 } })
  t.equal(board.installs, 0)
})

t.test('from a stick, by the same rules, and once', async t => {
  const { board, report, reboots, restart, stick } = await newWorld(t)
  await mkdir(stick, { recursive: true })
  await writeFile(join(stick, 'image.raucb'), bundle)
  await restart('1.0.0')
  await until(() => reboots() === 1)
  t.equal(board.installs, 1)
  const { saidGood } = board
  for (let start = 1; start <= 2; start++) {
    await restart('1.0.0')
    t.match(report(), { version: 0, state: 'rolled-back' })
    await until(() => board.saidGood === saidGood + start)
  }
  t.equal(board.installs, 1, 'the stick is still in, and what was left is not taken again')
})
