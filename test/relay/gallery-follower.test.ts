/**
 * Goal: a kiosk asks from what it holds on until nothing is left, keeps what answers it and nothing else, says what it
 * cannot take, and erases what nobody wants any more.
 * Method: the real store on a broker in memory without cryptography; a centre that answers as the test says; time moved
 * by hand.
 */
import t, { type Test } from 'tap'
import { v7 } from 'uuid'
import { MemoryBroker } from '../../src/mqtt/memory-broker.ts'
import { anyKioskFilter, kioskTopic } from '../../src/mqtt/topics.ts'
import type { GalleryChange, GalleryQuestion } from '../../src/record/gallery-change.ts'
import { GalleryFollower } from '../../src/relay/gallery-follower.ts'
import type { AppliedChange } from '../../src/store/ports.ts'
import { openTestStore, PluggedDisk } from '../store/fixture.ts'
import { changeFrom, person, sentTo } from '../store/sent-gallery.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { plainSeals } from '../support/plain-seal.ts'

const KIOSK = 'kiosk-1'
const HOUR_MS = 3_600_000
const [one, two, three] = Array.from({ length: 3 }, () => v7())

async function world(t: Test, { refuseAt }: { refuseAt?: number } = {}) {
  const clock = new ManualClock()
  const memory = new MemoryBroker({ clock, random: () => 0.5 })
  const { kioskSeal, abisSeal } = plainSeals(KIOSK, 'abis')
  const disk = new PluggedDisk()
  const store = await openTestStore(disk, { clock, refuseAt })
  const [broker, centre] = [memory.connect(KIOSK), memory.connect('abis')]
  const wanted = { scope: ['3273'], fingersMax: 100 }
  const logged: string[] = []
  const note = (event: string) => void logged.push(event)
  const applied: AppliedChange[] = []
  let reloads = 0
  const follower = new GalleryFollower({
    broker,
    seal: kioskSeal,
    sent: store.sent,
    clock,
    log: { info: note, warn: note, error: note },
    random: () => 0.5,
    wanted: () => wanted,
    memory: {
      applied: async change => void applied.push(change),
      reload: async () => void reloads++,
    },
  })
  const questions: GalleryQuestion[] = []
  /** What the centre says; undefined: nothing. */
  let answer = (_: GalleryQuestion): Partial<GalleryChange> | undefined => undefined
  const send = async (change: GalleryChange) => {
    const { body } = await abisSeal.sealGallery(KIOSK, change, undefined as never)
    await centre.publish({ topic: kioskTopic(KIOSK, 'gallery'), body, qos: 1 })
  }
  await centre.subscribe(anyKioskFilter('query'), async ({ body }) => {
    const query = await abisSeal.openQuery(KIOSK, body)
    if (!('gallery' in query)) return
    questions.push(query)
    const change = answer(query)
    if (change) await send(changeFrom(query.gallery.digest ?? query.question, change))
  })
  await follower.start()
  t.teardown(() =>
    clock.finish(
      (async () => {
        await follower.stop()
        await Promise.all([broker.close(), centre.close()])
        await store.close()
      })(),
    ),
  )
  const answers = (next: typeof answer) => {
    answer = next
  }
  return {
    clock,
    memory,
    store,
    follower,
    questions,
    answers,
    send,
    wanted,
    logged,
    applied,
    reloads: () => reloads,
  }
}

t.test('asks until it is complete, then now and then', async t => {
  const { clock, questions, answers, store, follower, applied } = await world(t)
  const changes: Partial<GalleryChange>[] = [
    { add: [person(one)] },
    { add: [person(two)] },
    { remove: [one], complete: true, inScope: 2 },
  ]
  answers(() => changes.shift() ?? { complete: true, inScope: 2 })
  await clock.advance(10_000)
  t.same(await sentTo(store), { [two]: 2 })
  t.equal(questions.length, 4, 'the last change is confirmed')
  const { digest } = await store.sent.state()
  t.equal(questions[0].gallery.digest, undefined)
  t.match(questions[2].gallery, { scope: ['3273'], fingersMax: 100 })
  t.equal(new Set(questions.map(({ question }) => question)).size, 4, 'each asked once')
  t.same(follower.state, { fingers: 2, inScope: 2, complete: true })
  await clock.advance(HOUR_MS)
  t.equal(questions.length, 5)
  t.equal(questions[4].gallery.digest, digest)
  await clock.advance(10 * HOUR_MS)
  t.equal(questions.length, 15)
  t.equal(applied.filter(({ added, removed }) => added.length + removed.length > 0).length, 3)
})

t.test('a centre that does not answer is asked ever less, the same question', async t => {
  const { clock, questions, answers, store, memory } = await world(t)
  await clock.advance(10 * HOUR_MS)
  t.ok(questions.length >= 8 && questions.length < 20, `${questions.length} questions`)
  t.equal(new Set(questions.map(({ question }) => question)).size, 1)
  // An answer that was on its way is still one.
  answers(({ gallery }) => (gallery.digest ? undefined : { add: [person(one)], complete: true }))
  memory.stop()
  await clock.advance(1_000)
  memory.start()
  await clock.advance(5_000)
  t.same(await sentTo(store), { [one]: 2 }, 'it asks as soon as there is a line')
})

t.test('keeps what answers it, and nothing else', async t => {
  const { clock, questions, send, store, follower, logged } = await world(t)
  await clock.advance(1_000)
  const [{ question }] = questions
  const beginning = changeFrom(question, { add: [person(one)], complete: true })
  await send(changeFrom(v7(), { add: [person(two)] }))
  await send({ ...beginning, add: [person(two)] })
  await clock.advance(1_000)
  t.same(await sentTo(store), {})
  t.equal(follower.refused, 2)
  await send(beginning)
  await clock.advance(1_000)
  t.same(await sentTo(store), { [one]: 2 })
  const next = changeFrom(beginning.digest, { add: [person(two)], complete: true })
  await send(next)
  await clock.advance(1_000)
  t.same(await sentTo(store), { [one]: 2, [two]: 2 }, 'unasked, and it follows')
  await send(beginning)
  await send(next)
  await clock.advance(1_000)
  t.same(await sentTo(store), { [one]: 2, [two]: 2 }, 'what was sent once is no beginning a second time')
  t.ok(logged.includes('gallery-refused'))
})

t.test('more than it takes: says so, and holds what it held', async t => {
  const { clock, answers, store, follower, logged, questions, wanted } = await world(t)
  answers(({ gallery }) => ({ ...(!gallery.digest && { add: [person(one)] }), inScope: 2, complete: true }))
  await clock.advance(1_000)
  answers(() => ({ inScope: 101, complete: true }))
  await clock.advance(2 * HOUR_MS)
  t.same(follower.state, { fingers: 2, inScope: 101, complete: false })
  t.same(await sentTo(store), { [one]: 2 })
  t.equal(logged.filter(event => event === 'gallery-too-large').length, 1, 'once')
  answers(({ gallery }) => ({ add: [person(two, { fingers: gallery.fingersMax + 1 })], complete: true }))
  await clock.advance(2 * HOUR_MS)
  t.same(await sentTo(store), { [one]: 2 }, 'an ABIS that sends more all the same is refused')
  answers(() => undefined)
  wanted.fingersMax = 1
  follower.wantedChanged()
  await clock.advance(1_000)
  t.same(await sentTo(store), {})
  t.equal(questions.at(-1)?.gallery.digest, undefined)
})

t.test('nobody is wanted any more: erased at once, and nothing more is taken', async t => {
  const { clock, answers, store, follower, questions, wanted, reloads, send, memory } = await world(t)
  const from = (id: string) => (question: GalleryQuestion) =>
    question.gallery.digest ? { complete: true } : { add: [person(id)], complete: true }
  answers(from(one))
  await clock.advance(1_000)
  const { digest = '' } = await store.sent.state()
  memory.stop()
  wanted.scope = []
  follower.wantedChanged()
  await clock.advance(1_000)
  t.same(await sentTo(store), {}, 'also without a line')
  t.equal(reloads(), 1)
  t.equal(follower.state, undefined)
  memory.start()
  await clock.advance(5_000)
  await send(changeFrom(digest, { add: [person(two)] }))
  const asked = questions.length
  await clock.advance(2 * HOUR_MS)
  t.same(await sentTo(store), {})
  t.equal(questions.length, asked)
  wanted.scope = ['11']
  answers(from(three))
  follower.wantedChanged()
  await clock.advance(1_000)
  t.same(questions.at(-1)?.gallery.scope, ['11'])
  t.same(await sentTo(store), { [three]: 2 })
})

t.test('a disk that refuses: asked again, and memory learns of what was written all the same', async t => {
  const { points } = await (async () => {
    const disk = new PluggedDisk()
    const store = await openTestStore(disk)
    await store.close()
    return disk
  })()
  // Before the write of the change, and after it.
  for (const refuseAt of [points, points + 1]) {
    const { clock, answers, store, reloads } = await world(t, { refuseAt })
    answers(({ gallery }) => (gallery.digest ? { complete: true } : { add: [person(one)], complete: true }))
    await clock.advance(HOUR_MS)
    t.same(await sentTo(store), { [one]: 2 })
    t.equal(reloads(), 1)
  }
})
