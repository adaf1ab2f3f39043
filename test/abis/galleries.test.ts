/**
 * Goal: a kiosk holds those whom operations named and the ABIS compares with, no more and no fewer, whatever either side
 * forgets or when its power fails.
 * Method: the whole ABIS, a kiosk's store and follower, on a broker in memory; time moved by hand; the plug pulled at
 * every point of a story that has every kind of change.
 */
import { strict as assert } from 'node:assert'
import t, { type Test } from 'tap'
import { under } from '../../src/abis/layout.ts'
import { openMemoryKv } from '../../src/kv/memory.ts'
import { collect } from '../store/fixture.ts'
import { GalleryWorld, nikIn } from './gallery-world.ts'

/** Long enough for some questions and answers. */
const SOON_MS = 5_000
const HOUR_MS = 3_600_000

/** Kiosk and ABIS, which has so many people of each region, of one finger. */
async function startWorld(t: Test, people: Record<string, number>) {
  const world = new GalleryWorld()
  await world.start()
  const stock: string[][] = []
  for (const [region, count] of Object.entries(people)) stock.push(await world.stock(region, count))
  await world.bootAbis()
  await world.bootKiosk()
  t.teardown(() => world.end())
  return { world, stock }
}

/** As it does once an hour. */
async function asksAgain(world: GalleryWorld): Promise<void> {
  world.kiosk?.follower.wantedChanged()
  await world.clock.advance(SOON_MS)
}

t.test('those of the scope, in changes for a slow line; narrowed, widened, taken away', async t => {
  const world = new GalleryWorld()
  await world.start()
  const city = await world.stock('3171', 50, 10)
  const other = await world.stock('3172', 3, 2)
  const far = await world.stock('7371', 2)
  await world.bootAbis()
  await world.bootKiosk()
  t.teardown(() => world.end())
  await world.push(['31'])
  await world.clock.advance(SOON_MS)
  t.same(await world.held(), [...city, ...other].sort())
  t.same(world.kiosk?.follower.state, { fingers: 506, inScope: 506, complete: true })
  const adding = world.changes.filter(({ add }) => add.length > 0)
  t.ok(adding.length > 1, `${adding.length} changes`)
  t.ok(adding.every(change => JSON.stringify(change).length < 200_000))
  t.notMatch(JSON.stringify(world.changes), /"317[12]00/, 'no NIK')

  await world.push(['3172', '7371'])
  await world.clock.advance(SOON_MS)
  t.same(await world.held(), [...other, ...far].sort())
  const sent = world.changes.length
  await world.clock.advance(2 * HOUR_MS)
  const later = world.changes.slice(sent)
  t.ok(
    later.length >= 1 && later.every(({ digest, previous }) => digest === previous),
    'nothing is sent twice',
  )

  await world.push([])
  await world.clock.advance(SOON_MS)
  t.same(await world.held(), [])
})

t.test('who comes, goes, is replaced, or is somebody’s duplicate', async t => {
  const { world, stock } = await startWorld(t, { 3171: 2 })
  const [[one, two]] = stock
  await world.push(['3171'])
  await world.clock.advance(SOON_MS)
  t.same(await world.held(), [one, two])
  const three = await world.enrol(nikIn('3171', 3), { seed: 3_000 })
  const duplicate = await world.enrol(nikIn('3171', 4), { seed: 3_000 })
  const fingerless = await world.enrol(nikIn('3171', 5), { fingers: 0 })
  assert(three && duplicate && fingerless)
  t.equal((await world.abis?.abis.record(duplicate))?.outcome?.status, 'DUPLICATE_RECORD')
  await asksAgain(world)
  t.same(await world.held(), [one, two, three].sort())
  const again = await world.enrol(nikIn('3171', 3), { seed: 3_000, supersedes: three })
  assert(again)
  await asksAgain(world)
  t.same(await world.held(), [one, two, again].sort())
  await world.withdraw(one)
  await world.clock.advance(1_000)
  t.same(await world.held(), [two, again].sort(), 'at once')
  await world.withdraw(again)
  await world.clock.advance(1_000)
  t.same(await world.held(), [two])
})

t.test('only whom operations named, and by their last word', async t => {
  const { world, stock } = await startWorld(t, { 3171: 1, 3172: 1 })
  const [[one], [two]] = stock
  world.wanted.scope = ['31']
  world.kiosk?.follower.wantedChanged()
  await world.clock.advance(SOON_MS)
  t.same(await world.held(), [], 'a kiosk asks for much')
  t.ok(world.abisWarned.includes('abis/gallery-scope-unsigned'), 'and the ABIS says why it gets nobody')
  await world.push(['3171'], { isTaken: false })
  world.abisWarned.length = 0
  await world.clock.advance(SOON_MS)
  t.same(await world.held(), [one])
  t.same(world.abisWarned, [])
  await world.push(['3172'], { version: 2, isTaken: false })
  await world.clock.advance(SOON_MS)
  t.same(await world.held(), [two])
  await world.push(['31'], { version: 1, isTaken: false })
  await world.haltAbis()
  await world.bootAbis()
  await world.push(['31'], { version: 2, isTaken: false })
  await asksAgain(world)
  t.same(await world.held(), [two], 'an old configuration is none')
  world.wanted.scope = ['3171']
  world.kiosk?.follower.wantedChanged()
  await world.clock.advance(SOON_MS)
  t.same(await world.held(), [], 'rolled back by the kiosk: only what both name')
})

t.test('more than the kiosk takes: nobody is added, who goes is removed', async t => {
  const { world, stock } = await startWorld(t, { 3171: 2, 3172: 5 })
  const [[one, two]] = stock
  world.wanted.fingersMax = 5
  await world.push(['3171'])
  await world.clock.advance(SOON_MS)
  await world.push(['31'])
  await world.clock.advance(SOON_MS)
  t.same(await world.held(), [one, two])
  t.same(world.kiosk?.follower.state, { fingers: 2, inScope: 7, complete: false })
  await world.withdraw(one)
  await world.clock.advance(SOON_MS)
  t.same(await world.held(), [two])
  world.wanted.fingersMax = 7
  world.kiosk?.follower.wantedChanged()
  await world.clock.advance(SOON_MS)
  t.equal((await world.held()).length, 6)
})

async function withNewCard(world: GalleryWorld): Promise<void> {
  await world.haltKiosk()
  const empty = new GalleryWorld().kioskDisk
  world.kioskDisk.database = empty.database
  world.kioskDisk.mark = empty.mark
  await world.bootKiosk()
  await world.clock.advance(SOON_MS)
}

t.test('the kiosk lost its card, the ABIS was set back: begun from nothing', async t => {
  const { world, stock } = await startWorld(t, { 3171: 2 })
  const [first] = stock
  const backup = world.abisDisk.database.copy()
  await world.push(['3171'])
  await world.clock.advance(SOON_MS)
  await withNewCard(world)
  t.same(await world.held(), first)

  const late = await world.enrol(nikIn('3171', 9))
  assert(late)
  await asksAgain(world)
  t.same(await world.held(), [...first, late].sort())
  await world.restoreAbis(backup)
  await asksAgain(world)
  t.same(await world.held(), first, 'it does not know the late one any more')
  const held = await collect(openMemoryKv(world.abisDisk.database).range(under('held/')))
  t.equal(held.length, 2)
})

t.test('a new card takes more than one change: all of them come again', async t => {
  const world = new GalleryWorld()
  await world.start()
  const city = await world.stock('3171', 50, 10)
  await world.bootAbis()
  await world.bootKiosk()
  t.teardown(() => world.end())
  await world.push(['3171'])
  await world.clock.advance(SOON_MS)
  t.same(await world.held(), city)
  await withNewCard(world)
  t.same(await world.held(), city)
})

/** Every kind of change, some of them while another is under way. */
async function story(world: GalleryWorld, enrolled: string[][]): Promise<void> {
  const [city, other] = enrolled
  await world.push(['3171'])
  await world.clock.advance(SOON_MS)
  await world.withdraw(city[0])
  await world.push(['31'])
  await world.clock.advance(SOON_MS)
  await world.push(['3172'])
  await world.clock.advance(SOON_MS)
  await world.withdraw(other[0])
  await world.clock.advance(SOON_MS)
}

async function beforeStory(): Promise<{ world: GalleryWorld; enrolled: string[][] }> {
  const world = new GalleryWorld()
  await world.start()
  const enrolled = [await world.stock('3171', 3), await world.stock('3172', 3)]
  await world.bootAbis()
  await world.bootKiosk()
  await world.clock.advance(1_000)
  return { world, enrolled }
}

t.test('the plug is pulled on either side at every point', async t => {
  const undisturbed = await beforeStory()
  const before = { kiosk: undisturbed.world.kioskDisk.points, abis: undisturbed.world.abisDisk.points }
  await story(undisturbed.world, undisturbed.enrolled)
  t.same(await undisturbed.world.held(), undisturbed.enrolled[1].slice(1))
  const after = { kiosk: undisturbed.world.kioskDisk.points, abis: undisturbed.world.abisDisk.points }
  await undisturbed.world.end()
  let cuts = 0
  for (const side of ['kiosk', 'abis'] as const) {
    t.ok(after[side] - before[side] > 6, `${side}: ${after[side] - before[side]} points`)
    for (let point = 0; point < after[side] - before[side]; point++) {
      const { world, enrolled } = await beforeStory()
      const disk = side === 'kiosk' ? world.kioskDisk : world.abisDisk
      disk.cutAfter(point)
      await story(world, enrolled)
      if (disk.off) cuts++
      await world.powerUp()
      await asksAgain(world)
      // What was withdrawn while the ABIS was down is not: the maker would tell it again.
      for (const [first] of enrolled) await world.withdraw(first)
      await world.clock.advance(SOON_MS)
      t.same(await world.held(), enrolled[1].slice(1), `${side} at ${point}`)
      await world.end()
    }
  }
  t.ok(cuts >= after.kiosk - before.kiosk, `${cuts} cuts`)
})
