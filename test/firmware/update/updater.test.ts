/**
 * Goal: a kiosk comes to the image that operations want, never while somebody is there, and back to the one before
 * where it is not well with it; operations are told what came of it.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { KioskError } from '../../../src/base/errors.ts'
import { until } from '../../support/until.ts'
import { bundle, isGone, newWorld, operations } from './updater-world.ts'

const centre = await operations(t)
const { kioskKeys, ops } = centre

t.test('to a new image, and it is kept', async t => {
  const { board, want, report, reports, reboots, restart, kiosk, folder } = await newWorld(t, centre)
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
  const { board, want, report, reports, reboots, restart } = await newWorld(t, centre)
  await until(() => board.saidGood === 1)
  board.slots.markGood = () => want(1)
  await restart('1.0.0')
  await until(() => reboots() === 1)
  t.match(report(), { running: '1.0.0', pending: { image: '1.1.0', step: 'restarting' } })
  t.notOk(reports.some(({ version, state }) => version === 1 && state === 'applied'))
})

t.test('wanted while an earlier one is examined: that one’s end is not the newer one’s', async t => {
  const { board, want, report, reboots } = await newWorld(t, centre)
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

t.test('nobody is interrupted, and the window is kept to', async t => {
  const { board, want, report, reboots, kiosk, settings } = await newWorld(t, centre)
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
  const { board, want, report, reboots, restart, kiosk } = await newWorld(t, centre)
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
  const { want, report, reboots, restart, kiosk } = await newWorld(t, centre)
  kiosk.illnesses.add('broker')
  await want(1)
  await until(() => reboots() === 1)
  await restart('1.1.0')
  await until(() => report()?.pending === undefined)
  t.match(report(), { state: 'applied' })
})

t.test('refused, with the reason', async t => {
  const { board, want, report, take } = await newWorld(t, centre)
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

t.test('a stick’s bundle that is refused is told, and what operations wanted stays as it was', async t => {
  const { board, want, report, reboots, restart, stick } = await newWorld(t, centre)
  await want(1)
  await until(() => reboots() === 1)
  await restart('1.1.0')
  await until(() => report()?.state === 'applied' && report()?.version === 1)
  board.info = { ...board.info, version: '1.0.5' }
  await mkdir(stick, { recursive: true })
  await writeFile(join(stick, 'old.raucb'), bundle)
  await restart('1.1.0')
  await until(() => report()?.refused !== undefined)
  t.match(report(), { version: 1, state: 'applied', errors: [], refused: { count: 1, code: 'update/older' } })
})

t.test('from a stick, by the same rules, and once', async t => {
  const { board, report, reboots, restart, stick } = await newWorld(t, centre)
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

t.test('two on a stick that both do not come up: each is tried once', async t => {
  const { board, report, reboots, restart, stick } = await newWorld(t, centre)
  const { info } = board
  await mkdir(stick, { recursive: true })
  for (const version of ['1.1.0', '1.2.0']) await writeFile(join(stick, `${version}.raucb`), bundle)
  board.slots.info = async (file: string) => {
    const version = /1\.\d\.0/.exec(file)?.[0] ?? board.info.version
    board.info = { ...info, version }
    return board.info
  }
  for (let start = 1; start <= 2; start++) {
    await restart('1.0.0')
    await until(() => reboots() === start)
  }
  const { saidGood } = board
  for (let start = 1; start <= 2; start++) {
    await restart('1.0.0')
    await until(() => board.saidGood === saidGood + start)
    t.match(report(), { version: 0, state: 'rolled-back', pending: undefined })
  }
  t.equal(board.installs, 2)
})
