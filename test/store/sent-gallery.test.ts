/**
 * Goal: what the ABIS sent is there with its digest or not at all, whenever the power fails; nothing is applied that does
 * not follow on what is there; nobody who withdrew is kept; none of it can be read on the disk.
 * Method: a chain of changes that adds, removes and begins anew, the plug pulled before and after every write; after each
 * boot, what is there must be what the digest stood for in the undisturbed chain, and the chain goes on from it.
 */
import t from 'tap'
import { v7 } from 'uuid'
import { readInterchange } from '../../src/finger/template/interchange.ts'
import { openMemoryKv } from '../../src/kv/memory.ts'
import type { KioskStore } from '../../src/store/store.ts'
import {
  collect,
  enrolment,
  openTestStore,
  PluggedDisk,
  sealEvent,
  limits as storeLimits,
} from './fixture.ts'
import { changeFrom, person, sentTo } from './sent-gallery.ts'

const [one, two, three, four] = Array.from({ length: 4 }, () => v7())
const [first, second] = ['5f0cbb52-5d6f-4dd4-9f2b-0d6c5a1f7b10', '7f0cbb52-5d6f-4dd4-9f2b-0d6c5a1f7b11']
const fingersMax = 100

/** Each with the question that it may begin from. */
const a = changeFrom(first, { add: [person(one), person(two)] })
const b = changeFrom(a.digest, { remove: [one], add: [person(three, { fingers: 3 })] })
const c = changeFrom(b.digest, { remove: [two, four] })
const d = changeFrom(second, { add: [person(one, { seed: 7 }), person(four)], complete: true })
const chain = [
  { change: a, question: first, there: { [one]: 2, [two]: 2 } },
  { change: b, question: undefined, there: { [two]: 2, [three]: 3 } },
  { change: c, question: undefined, there: { [three]: 3 } },
  { change: d, question: second, there: { [one]: 2, [four]: 2 } },
]

const apply = (store: KioskStore, { change, question }: (typeof chain)[number]) =>
  store.sent.apply(change, { fingersMax, ...(question && { question }) })

t.test('a chain of changes', async t => {
  const disk = new PluggedDisk()
  const store = await openTestStore(disk)
  t.same(await store.sent.state(), { fingers: 0 })
  for (const link of chain) {
    const { added, removed, cleared } = await apply(store, link)
    t.same(await sentTo(store), link.there)
    t.same(removed, link.change.remove)
    t.equal(cleared, link.question !== undefined)
    t.same(
      added.map(({ id }) => id),
      link.change.add.map(({ id }) => id),
    )
    const fingers = Object.values(link.there).reduce((sum, count) => sum + count, 0)
    t.same(await store.sent.state(), { digest: link.change.digest, fingers })
    t.match(await apply(store, link), { added: [], removed: [], cleared: false }, 'a copy')
  }
  const [{ fingers }] = d.add
  const sent = readInterchange(Buffer.from(fingers[0].template, 'base64')).views[0].template
  t.same((await store.sent.get(one))?.fingers[0].template, sent)
  t.equal(await store.sent.get(two), undefined)
  t.same(await collect(store.gallery()), [], 'those enrolled here are others')
  await store.close()
  const again = await openTestStore(disk)
  t.same(await sentTo(again), chain[3].there)
  t.same(again.auditFindings, [])
  const stored = await collect(openMemoryKv(disk.database).range({ from: 'sent/', to: 'sent0' }))
  const packed = Buffer.from(sent.xPx.buffer).subarray(0, 8)
  t.equal(stored.length, 2)
  t.notOk(
    stored.some(({ value }) => Buffer.from(value).includes(packed)),
    'sealed',
  )
  await again.close()
})

t.test('what does not follow is refused, and changes nothing', async t => {
  const store = await openTestStore()
  await apply(store, chain[0])
  const other = { code: 'store/other-gallery' }
  const wrong = {
    'a link is left out': c,
    'another beginning': d,
    'its digest is not of it': { ...b, remove: [two] },
    'its digest is another': { ...b, digest: c.digest },
    'from nowhere': changeFrom('0'.repeat(64), {}),
  }
  for (const [what, change] of Object.entries(wrong))
    await t.rejects(store.sent.apply(change, { fingersMax, question: first }), other, what)
  await t.rejects(store.sent.apply(b, { fingersMax: 4 }), { code: 'store/full' })
  t.same(await sentTo(store), chain[0].there)
  await store.sent.apply(b, { fingersMax: 5 })
  t.same(await sentTo(store), chain[1].there)
  await t.rejects(store.sent.apply(a, { fingersMax, question: second }), other, 'an old beginning')
  await store.sent.clear()
  t.same(await store.sent.state(), { fingers: 0 })
  t.same(await sentTo(store), {})
  await store.close()
})

t.test('the last of the disk is for those who enrol', async t => {
  let freeBytes = 0
  const limits = { ...storeLimits, freeBytesMin: 1_000_000 }
  const store = await openTestStore(new PluggedDisk(), { limits, freeBytes: async () => freeBytes })
  await t.rejects(apply(store, chain[0]), { code: 'store/full' })
  t.same(await sentTo(store), {})
  freeBytes = 1e9
  await apply(store, chain[0])
  freeBytes = 0
  await store.sent.apply(changeFrom(a.digest, { remove: [one] }), { fingersMax })
  t.same(await sentTo(store), { [two]: 2 }, 'it can always get smaller')
  await store.close()
})

t.test('a finger that cannot be read is left out, and the chain goes on', async t => {
  const store = await openTestStore()
  const damaged = person(one)
  damaged.fingers[0].template = Buffer.from('no template').toString('base64')
  const nobody = { id: two, fingers: [damaged.fingers[0]] }
  const change = changeFrom(first, { add: [damaged, nobody] })
  t.match(await store.sent.apply(change, { fingersMax, question: first }), { unreadable: 2 })
  t.same(await sentTo(store), { [one]: 1 })
  t.same(await store.sent.state(), { digest: change.digest, fingers: 1 })
  await store.close()
})

t.test('who has withdrawn here is erased, and not taken again', async t => {
  const store = await openTestStore()
  const { id } = await store.enrol(enrolment())
  const change = changeFrom(first, { add: [person(id), person(one)] })
  await store.sent.apply(change, { fingersMax, question: first })
  t.same(await sentTo(store), { [id]: 2, [one]: 2 })
  await store.withdraw(id, 'officer', sealEvent)
  t.same(await sentTo(store), { [one]: 2 })
  t.same(await store.sent.state(), { digest: change.digest, fingers: 2 })
  const again = changeFrom(change.digest, { add: [person(id), person(two)] })
  const { added } = await store.sent.apply(again, { fingersMax })
  t.same(
    added.map(person => person.id),
    [two],
  )
  t.same(await sentTo(store), { [one]: 2, [two]: 2 })
  await store.close()
})

t.test('what rots on the disk is told, and asked for anew', async t => {
  const disk = new PluggedDisk()
  const store = await openTestStore(disk)
  await apply(store, chain[0])
  await store.close()
  disk.database.put(`sent/${one}`, Buffer.from('no tag of ours, and long enough'))
  const again = await openTestStore(disk)
  t.same(await sentTo(again), { [two]: 2 })
  t.match(again.auditFindings, [{ kind: 'value-corrupt', id: one }])
  t.same(await again.sent.state(), { fingers: 0 }, 'no digest')
  await apply(again, chain[3])
  t.same(await sentTo(again), chain[3].there)
  await again.close()
})

/** All of the chain that follows on what is there. */
async function goOn(store: KioskStore): Promise<void> {
  const { digest } = await store.sent.state()
  const at = chain.findIndex(({ change }) => change.digest === digest)
  for (const link of chain.slice(at + 1)) await apply(store, link)
}

t.test('the plug is pulled at every point', async t => {
  const undisturbed = new PluggedDisk()
  const store = await openTestStore(undisturbed)
  await goOn(store)
  const { points } = undisturbed
  await store.close()
  t.ok(points > 10, `${points} points`)
  const reached = new Set<string | undefined>()
  for (let cutAt = 0; cutAt < points; cutAt++) {
    const disk = new PluggedDisk()
    const cut = openTestStore(disk, { cutAt }).then(goOn)
    await t.rejects(cut, { code: 'kv/io' })
    const again = await openTestStore(disk)
    const { digest, fingers } = await again.sent.state()
    reached.add(digest)
    const there = chain.find(({ change }) => change.digest === digest)?.there ?? {}
    t.same(await sentTo(again), there, `cut at ${cutAt}`)
    t.equal(
      fingers,
      Object.values(there).reduce((sum, count) => sum + count, 0),
    )
    await goOn(again)
    t.same(await sentTo(again), chain[3].there)
    await again.close()
  }
  t.equal(reached.size, 5, 'each link was cut off, and the beginning')
})

t.test('a disk that refuses once, done or not', async t => {
  const undisturbed = new PluggedDisk()
  await goOn(await openTestStore(undisturbed))
  for (let refuseAt = 0; refuseAt < undisturbed.points; refuseAt++) {
    const disk = new PluggedDisk()
    const store = await openTestStore(disk, { refuseAt }).catch(() => openTestStore(disk))
    await goOn(store).catch(() => goOn(store))
    t.same(await sentTo(store), chain[3].there, `refused at ${refuseAt}`)
    await store.close()
  }
})
