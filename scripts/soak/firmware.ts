import { strict as assert } from 'node:assert'
import { open, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { sha256OfFile } from '../../firmware/image/sha256.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { ErrorCode } from '../../src/base/errors.ts'
import { Random } from '../../src/finger/synthetic/random.ts'
import { keyFolder } from '../../src/keys/layout.ts'
import { initKeys } from '../../src/keys/make-keys.ts'
import { until } from '../../test/support/until.ts'
import { someNik } from '../demo-citizen.ts'
import { filesOf } from '../firmware/card-content.ts'
import { type Parts, proveParts } from '../firmware/prove-parts.ts'
import { type SmallBundle, smallBundle } from '../firmware/small-bundle.ts'
import { type FirmwareWorld, WAIT_MS } from '../firmware/world.ts'
import type { Soak, SoakContext } from '../soak.ts'

const FINGERS = 2
const KILLS = 20
/** From the plug to a kiosk that serves, on a slow machine. */
const KILL_WITHIN_MS = 150_000
const DONE = 'PRINT_READY_RECORD'

/**
 * What takes too long for every run of the tests, on the kiosk of `world.ts`: every kind of bundle that must be
 * refused, a version that cannot reach its broker, `--count` kills over download, installation and first boot, a
 * runtime that hangs, and a system that hangs. `--sets` names some of the `parts`.
 */
export const firmware: Soak = context => proveParts(parts, context, { fingers: FINGERS })

const parts: Parts = {
  same: ['two builds are the same bytes', builtTwice],
  enrolment: ['a citizen is enrolled', enrolled],
  secrets: ['two kiosks of one image have no secret in common', twoCards],
  refusals: ['bundles that are not for this kiosk', refusals],
  runtime: ['a runtime that hangs is started again', hungRuntime],
  system: ['a system that hangs is reset by the watchdog', hungSystem],
  'cut-off': ['a version that cannot reach its broker is left', cutOff],
  'no-system': ['a version whose system does not come up is left', noSystem],
  kills: ['kills', kills],
}

async function builtTwice({ image, buildImage }: FirmwareWorld, work: string): Promise<void> {
  const other = join(work, 'again.img')
  await buildImage(other)
  assert.equal(await sha256OfFile(other), await sha256OfFile(image))
  await rm(other)
}

async function enrolled({ kiosk }: FirmwareWorld): Promise<void> {
  assert.match(await kiosk.enrol(someNik(), 1, FINGERS), new RegExp(DONE))
}

/** What stands on both cards, byte for byte, is nobody's secret. */
async function twoCards({ kiosk, card, secondCard }: FirmwareWorld): Promise<void> {
  await kiosk.running.must('sync')
  let cards: readonly ReadonlyMap<string, string>[]
  try {
    const second = await secondCard()
    cards = [await filesOf(card, 'data'), await filesOf(second, 'data')]
  } finally {
    await kiosk.plugIn()
    await kiosk.untilReady()
  }
  const [first, second] = cards
  for (const secret of ['key.pem', 'data.key', 'index.key']) {
    const path = `tunggal/keys/kiosk/${secret}`
    assert(first.has(path) && second.has(path), `both have ${path}`)
  }
  const hashes = new Set(second.values())
  const same = [...first].filter(([, hash]) => hashes.has(hash)).map(([path]) => path)
  assert.deepEqual(
    same.filter(path => !isPublic(path)),
    [],
  )
}

/** Settings, certificates of authorities, and what level writes into every store. */
function isPublic(path: string): boolean {
  return /^site\/(settings\.json|root\.pem)$|\/(root|abis)\.pem$|\/(CURRENT|MANIFEST-\d+)$/.test(path)
}

/** Each is downloaded whole, and refused for what it is. */
async function refusals(world: FirmwareWorld, work: string, { print, progress }: SoakContext): Promise<void> {
  const { centre, reported } = world
  await initKeys(join(work, 'stranger'), { clock: systemClock })
  const other = join(centre.keys, 'updates/certificate.pem')
  const signer = join(centre.keys, 'updates')
  const bundles: (SmallBundle & { readonly codes: readonly ErrorCode[] })[] = [
    { name: 'stranger', signer: keyFolder(join(work, 'stranger'), 'updates'), codes: ['update/untrusted'] },
    { name: 'operations', signer: join(centre.keys, 'ops'), codes: ['update/untrusted'] },
    { name: 'other-machine', signer, compatible: 'tunggal-raspberry-pi-4', codes: ['update/wrong-machine'] },
    { name: 'older', signer, version: '0.9.0', codes: ['update/older'] },
    { name: 'expired', signer, expiresAt: '2026-01-01T00:00:00.000Z', codes: ['update/expired'] },
    { name: 'oversize', signer, imageBytes: 1 << 30, codes: ['update/too-large'] },
    { name: 'other-kiosk', signer, recipient: other, codes: ['update/other-recipient'] },
    {
      name: 'truncated',
      signer,
      spoil: (file, bytes) => truncate(file, bytes - 500),
      codes: ['update/unreadable', 'update/untrusted'],
    },
    {
      name: 'tampered',
      signer,
      spoil: async file => {
        const bundle = await open(file, 'r+')
        await bundle.write(Buffer.from('tampered'), 0, 8, 500_000)
        await bundle.close()
      },
      // Its signature is over the hash tree: the blocks show it while they are read.
      codes: ['update/not-installed', 'update/untrusted'],
    },
  ]
  for (const { codes, ...bundle } of bundles) {
    progress(bundle.name)
    const wish = await centre.want(await smallBundle(work, bundle))
    await reported(({ version, state }) => version === wish && state === 'rejected')
    const code = world.last()?.errors[0]?.code ?? ''
    assert(codes.includes(code as ErrorCode), `${bundle.name}: ${code}`)
    print({ refused: bundle.name, code })
  }
}

async function hungRuntime({ kiosk }: FirmwareWorld): Promise<void> {
  const pid = (await kiosk.running.must('systemctl show -P MainPID tunggal')).trim()
  await kiosk.running.must(`kill -STOP ${pid}`)
  const other = `test "$(systemctl show -P MainPID tunggal)" != ${pid}`
  await until(() => kiosk.says(`${other} && systemctl is-active tunggal`), WAIT_MS)
}

/** systemd is frozen, and feeds the hardware's watchdog no more. */
async function hungSystem({ kiosk }: FirmwareWorld): Promise<void> {
  const before = (await kiosk.running.must('cat /proc/sys/kernel/random/boot_id')).trim()
  await kiosk.running.run('echo 1 >/sys/fs/cgroup/init.scope/cgroup.freeze', 5_000)
  await until(() => kiosk.says(`! grep -q ${before} /proc/sys/kernel/random/boot_id`), WAIT_MS)
  await kiosk.untilReady()
}

/** It waits for a disk that is not there, and has nobody to ask. */
async function noSystem({ centre, bundleOf, reported, last, kiosk }: FirmwareWorld): Promise<void> {
  const fstab = 'PARTLABEL=nothing /data ext4 x-systemd.device-timeout=5 0 0\n'
  const wish = await centre.want(await bundleOf('4.1.0', { '/etc/fstab': fstab }))
  await reported(({ version, state }) => version === wish && state === 'rolled-back')
  assert.deepEqual(
    last()?.errors.map(({ code }) => code),
    ['update/not-starting'],
  )
  assert.equal(await kiosk.version(), '1.0.0')
}

async function cutOff({ centre, bundleOf, reported, last, kiosk }: FirmwareWorld): Promise<void> {
  const network = '[Match]\nName=none\n'
  const before = (await kiosk.records()).size
  const bundle = await bundleOf('4.0.0', { '/etc/systemd/network/20-wired.network': network })
  const wish = await centre.want(bundle)
  await reported(({ version, state }) => version === wish && state === 'rolled-back')
  const report = last()
  assert.equal(report?.running, '1.0.0')
  assert.deepEqual(
    report?.errors.map(({ code, where }) => `${code} ${where}`),
    ['update/unwell broker'],
  )
  assert.equal((await kiosk.records()).size, before)
}

/** As power that goes while U-Boot, or RAUC, writes them. */
async function tornVariables({ kiosk }: FirmwareWorld): Promise<void> {
  await kiosk.running.must('sync')
  await kiosk.pull()
  await kiosk.spoilVariables()
  await kiosk.plugIn()
  await kiosk.untilReady()
}

/** Good versions one after the other, the plug pulled at random; then everybody who was told "done" is there. */
async function kills(
  world: FirmwareWorld,
  _work: string,
  { count = KILLS, seed, print, progress }: SoakContext,
): Promise<void> {
  const { centre, kiosk, bundleOf } = world
  const random = new Random(seed)
  let minor = 0
  let records = (await kiosk.records()).size
  for (let kill = 1; kill <= count; ) {
    const image = `5.${++minor}.0`
    // Every second one is encrypted.
    const recipients = minor % 2 === 0 ? undefined : await world.certificate()
    const bundle = await bundleOf(image, {}, { recipients })
    let wish = await centre.want(bundle)
    const isApplied = () =>
      centre.reports.some(
        ({ version, state, running }) => version === wish && state === 'applied' && running === image,
      )
    const isGivenUp = () =>
      centre.reports.some(
        ({ version, state, errors }) =>
          version === wish && state === 'rejected' && errors[0]?.code === 'update/not-installed',
      )
    while (!isApplied() && !isGivenUp() && kill <= count) {
      progress(`kill ${kill} of ${count}, on the way to ${image}`)
      await setTimeout(random.below(KILL_WITHIN_MS))
      await kiosk.pull()
      await kiosk.plugIn()
      kill++
    }
    await until(() => isApplied() || isGivenUp(), WAIT_MS)
    if (isGivenUp()) {
      print({ held: `${image} was given up and told, since it was cut off every time`, kills: kill - 1 })
      wish = await centre.want(bundle)
      await until(isApplied, WAIT_MS)
    }
    assert.match(await kiosk.enrol(someNik(), 10 + minor, FINGERS), new RegExp(DONE))
    records++
    const kept = [...(await kiosk.records()).values()]
    assert.deepEqual(kept, Array(records).fill(DONE))
    print({ held: `updated to ${image}`, kills: kill - 1, records })
    if (minor === 1) {
      await tornVariables(world)
      assert.equal(await kiosk.version(), image)
      print({ held: 'the slot that runs is started again where U-Boot reads none of its variables' })
    }
  }
}
