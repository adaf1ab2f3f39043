/** Goal: a configuration with which a kiosk does not live never keeps it from living. */
import t from 'tap'
import { silentLog } from '../../src/base/log.ts'
import { tried } from '../../src/config/held.ts'
import { heldFile } from '../../src/config/held-file.ts'
import { Kept } from '../../src/config/kept.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { CutDisk } from './cut-disk.ts'
import { at, base, desired, take } from './worlds.ts'

const clock = new ManualClock()

async function keptWithTrial(): Promise<Kept> {
  const kept = await Kept.open(heldFile(new CutDisk()), { log: silentLog, at })
  await kept.change(held => tried(take(held, desired(7)), at))
  return kept
}

t.test('a life that fails on trial: the next is by the one before, with the reason', async t => {
  const kept = await keptWithTrial()
  const lives: (number | undefined)[] = []
  const end = await kept.live({
    base,
    clock,
    why: error => (error as Error).message,
    async live({ capture: { qualityMin } }) {
      await kept.begin(base, at)
      lives.push(qualityMin)
      if (qualityMin === 7) throw new Error('the port is taken')
      return 'over'
    },
  })
  t.equal(end, 'over')
  t.same(lives, [7, undefined])
  t.match(kept.held.report, {
    version: 7,
    state: 'rolled-back',
    errors: [{ code: 'config/not-starting', text: 'the port is taken' }],
  })
})

t.test('one that fails with nothing on trial fails', async t => {
  const kept = await Kept.open(heldFile(new CutDisk()), { log: silentLog, at })
  const live = async () => Promise.reject(new Error('no keys'))
  await t.rejects(kept.live({ base, clock, live, why: String }), { message: 'no keys' })
})

t.test('one that fails before it has begun says nothing of the configuration', async t => {
  const kept = await keptWithTrial()
  const live = async () => Promise.reject(new Error('another kiosk runs here'))
  await t.rejects(kept.live({ base, clock, live, why: String }), { message: 'another kiosk runs here' })
  t.match(kept.held.trial, { version: 7, starts: 0 })
})

t.test('life after life, as often as a configuration wants it; on trial only so often', async t => {
  const kept = await keptWithTrial()
  const lives: (number | undefined)[] = []
  const live = async ({ capture: { qualityMin } }: typeof base) => {
    await kept.begin(base, at)
    lives.push(qualityMin)
    return lives.length === 6 ? 'over' : 'restart'
  }
  t.equal(await kept.live({ base, clock, live, why: String }), 'over')
  t.same(lives, [7, 7, 7, undefined, undefined, undefined])
})

t.test('changes come one after the other, and a disk that refuses changes nothing', async t => {
  const disk = new CutDisk()
  const kept = await Kept.open(heldFile(disk), { log: silentLog, at })
  await Promise.all([1, 2, 3].map(version => kept.change(held => take(held, desired(version)))))
  t.equal(kept.held.waiting?.version, 3)
  disk.cutAt = 0
  await t.rejects(
    kept.change(held => tried(held, at)),
    { code: 'kv/io' },
  )
  t.equal(kept.held.trial, undefined)
  disk.cutAt = Number.POSITIVE_INFINITY
  await kept.change(held => tried(held, at))
  t.equal(kept.held.trial?.version, 3)
})

t.test('both files rotten: the own file, said, and everything may come again', async t => {
  const disk = new CutDisk()
  const kept = await Kept.open(heldFile(disk), { log: silentLog, at })
  for (const version of [1, 2]) await kept.change(held => take(held, desired(version)))
  for (const name of ['held-a.json', 'held-b.json']) disk.rot(name, 100)
  const again = await Kept.open(heldFile(disk), { log: silentLog, at })
  t.match(again.held, { highest: 0, report: { state: 'rolled-back', errors: [{ code: 'config/damaged' }] } })
  await again.change(held => take(held, desired(2)))
  t.equal(again.held.waiting?.version, 2)
})
