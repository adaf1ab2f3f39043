/** Goal: fingers are erased when their time is over or when there are too many, and never before. */
import t from 'tap'
import { silentLog } from '../../src/base/log.ts'
import { keepSwept } from '../../src/store/retention.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { collect, enrolment, openTestStore, outcomeFor, PluggedDisk, receiptFor } from './fixture.ts'

const DAY_MS = 24 * 3_600_000
const limits = { templatesMsMax: 30 * DAY_MS, receiptedMsMax: 14 * DAY_MS, galleryFingersMax: 100 }

t.test('a while after the first outcome, and not before', async t => {
  const clock = new ManualClock()
  const disk = new PluggedDisk()
  const store = await openTestStore(disk, { clock })
  const decided = await store.enrol(enrolment({ fingers: 3 }))
  const waiting = await store.enrol(enrolment({ fingers: 2 }))
  await store.outbox.settle(receiptFor(decided))
  await store.outbox.settle(receiptFor(waiting))
  await store.applyOutcome(outcomeFor(decided, { status: 'ADJUDICATE_RECORD' }))
  await clock.advance(29 * DAY_MS)
  await store.applyOutcome(outcomeFor(decided, { seq: 2 }))
  t.same(await store.sweep(limits), [])
  await clock.advance(DAY_MS + 1)
  t.same(await store.sweep(limits), [decided.id])
  t.same(await store.sweep(limits), [], 'once')
  t.same(
    (await collect(store.gallery())).map(({ recordId }) => recordId),
    [waiting.id, waiting.id],
  )
  t.equal((await store.record(decided.id))?.status, 'PRINT_READY_RECORD', 'the record stays')
  t.equal(
    (await collect(store.auditLog())).filter(({ entry }) => entry.what === 'templates-erased').length,
    1,
  )
  await store.close()
  t.same((await openTestStore(disk)).auditFindings, [])
})

t.test('the oldest go first where there are too many', async t => {
  const store = await openTestStore()
  const ids: string[] = []
  for (let count = 0; count < 130; count++) ids.push((await store.enrol(enrolment({ fingers: 2 }))).id)
  t.same(await store.sweep(limits), ids.slice(0, 80))
  t.equal((await collect(store.gallery())).length, 100)
})

t.test('swept at once and every hour, also when the disk refuses in between', async t => {
  const clock = new ManualClock()
  const answers = [['a'], new Error('disk'), ['b', 'c']]
  const erased: string[] = []
  let sweeps = 0
  const store = {
    sweep: async () => {
      const answer = answers[sweeps++] ?? []
      if (answer instanceof Error) throw answer
      return answer
    },
  }
  const stop = keepSwept({ store, clock, log: silentLog, limits, onErased: id => erased.push(id) })
  await clock.advance(1)
  t.same(erased, ['a'])
  await clock.advance(3_600_000)
  await clock.advance(3_600_000)
  t.same(erased, ['a', 'b', 'c'])
  await stop()
  t.equal(clock.sleeping, 0)
})
