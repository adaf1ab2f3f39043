/** Goal: whenever a kiosk is started again, and whatever its disk holds, it goes on with its update and stays in service. */
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { KioskError } from '../../../src/base/errors.ts'
import { until } from '../../support/until.ts'
import { bundle, isGone, newWorld, operations } from './updater-world.ts'

const centre = await operations(t)
const { ranges } = centre

t.test('what a start finds of a bundle that is no longer wanted is taken away', async t => {
  const { board, restart, folder } = await newWorld(t, centre)
  await until(() => board.saidGood === 1)
  await mkdir(folder, { recursive: true })
  for (const name of ['bundle.raucb', 'bundle.raucb.part']) await writeFile(join(folder, name), 'left')
  await restart('1.0.0')
  await until(() => board.saidGood === 2)
  for (const name of ['bundle.raucb', 'bundle.raucb.part']) await until(() => isGone(join(folder, name)))
  t.equal(board.installs, 0)
})

t.test('a start while an update waits for the night: the image that runs is good all the same', async t => {
  const { board, want, report, restart, kiosk } = await newWorld(t, centre)
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
    const { board, want, report, reports, reboots, startAgain } = await newWorld(t, centre)
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
  const { board, want, report, reports, reboots, startAgain } = await newWorld(t, centre)
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

t.test('what an earlier try has brought is not asked room for again', async t => {
  const { board, want, reboots, folder, room } = await newWorld(t, centre)
  await until(() => board.saidGood === 1)
  board.slots.info = async () => {
    throw new KioskError('update/no-slots')
  }
  await want(1)
  await until(async () => !(await isGone(join(folder, 'bundle.raucb'))))
  room.freeBytes -= bundle.length * 1.5
  board.slots.info = async () => board.info
  await want(2)
  await until(() => reboots() === 1)
})

t.test('what is here of an earlier bundle is not gone on with', async t => {
  const { want, report, folder, settings } = await newWorld(t, centre)
  settings.bytesPerSecondMax = 800_000
  ranges.length = 0
  await want(1)
  const part = join(folder, 'bundle.raucb.part')
  await until(async () => (await stat(part).catch(() => ({ size: 0 }))).size > 400_000)
  settings.bytesPerSecondMax = 1e9
  await want(2, { sha256: 'f'.repeat(64) })
  await until(() => ranges.length === 2)
  t.equal(report()?.pending?.version, 2)
  t.same(ranges, [undefined, undefined])
})
