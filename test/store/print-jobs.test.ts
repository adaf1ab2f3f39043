/** Goal: print jobs survive a power cut, are kept once, are few, and go with their record's consent. */
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { v7 } from 'uuid'
import { openMemoryKv } from '../../src/kv/memory.ts'
import { sealValue } from '../../src/kv/sealed.ts'
import type { PrintJob } from '../../src/record/print-job.ts'
import { under } from '../../src/store/layout.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { collect, dataKey, enrolment, openTestStore, PluggedDisk, sealEvent } from './fixture.ts'

const DAY_MS = 24 * 3_600_000

const jobFor = (id: string): PrintJob => ({
  job: v7(),
  id,
  kind: 'document',
  title: 'Surat keterangan',
  format: 'application/pdf',
  media: 'iso_a4_210x297mm',
  bytes: Buffer.from('%PDF-1.4 for one citizen').toString('base64'),
  at: '2026-11-29T03:00:00.000Z',
})

t.test('kept once, printed once, through a new beginning', async t => {
  const disk = new PluggedDisk()
  const store = await openTestStore(disk)
  const { id } = await store.enrol(enrolment())
  const job = jobFor(id)
  t.equal(await store.prints.keep(job), true)
  t.equal(await store.prints.keep(job), false, 'the broker may bring it twice')
  await store.close()

  const again = await openTestStore(disk)
  t.same(await again.prints.of(id), [{ job: job.job, title: job.title, kind: 'document' }])
  t.same(await again.prints.get(id, job.job), job)
  t.equal(await again.prints.get(id, v7()), undefined)
  t.equal(again.events.count, 0)
  await again.prints.printed(job, sealEvent)
  await again.prints.printed(job, sealEvent)
  t.equal(again.events.count, 1)
  t.same(await again.prints.of(id), [])
  t.equal(await again.prints.keep(job), false, 'it was printed')
  t.same(again.auditFindings, [])
  await again.close()
})

t.test('not for records of others, not more than a few, and not without consent', async t => {
  const store = await openTestStore()
  const { id } = await store.enrol(enrolment())
  await t.rejects(store.prints.keep(jobFor(v7())), { code: 'store/unknown-record' })
  for (let jobs = 0; jobs < 8; jobs++) await store.prints.keep(jobFor(id))
  await t.rejects(store.prints.keep(jobFor(id)), { code: 'store/full' })
  await store.withdraw(id, 'officer', sealEvent)
  t.same(await store.prints.of(id), [])
  await t.rejects(store.prints.keep(jobFor(id)), { code: 'store/unknown-record' })
  await store.close()
})

t.test('one that comes in the commit of the withdrawal goes with it', async t => {
  const disk = new PluggedDisk()
  const store = await openTestStore(disk)
  const { id } = await store.enrol(enrolment())
  let goOn = () => {}
  const waiting = new Promise<void>(resolve => (goOn = resolve))
  // What comes meanwhile shares its commit.
  const slow = enrolment()
  const enrolled = store.enrol({ ...slow, seal: numbers => waiting.then(() => slow.seal(numbers)) })
  const kept = store.prints.keep(jobFor(id))
  for (let turn = 0; turn < 5; turn++) await setImmediate()
  const withdrawn = store.withdraw(id, 'officer', sealEvent)
  goOn()
  t.equal(await kept, true)
  await Promise.all([enrolled, withdrawn])
  t.same(await store.prints.of(id), [])
  t.equal(disk.database.slice(under('print/').from, under('print/').to).length, 0)
  await store.close()
})

t.test('what was printed is remembered for as long as it may be sent again, and no longer', async t => {
  const clock = new ManualClock()
  const disk = new PluggedDisk()
  const store = await openTestStore(disk, { clock })
  const { id } = await store.enrol(enrolment())
  const marks = async () => (await collect(openMemoryKv(disk.database).range(under('printed/')))).length
  const [early, late] = [jobFor(id), jobFor(id)]
  const limits = { templatesMsMax: 1e12, receiptedMsMax: 1e12, galleryFingersMax: 100 }
  for (const job of [early, late]) {
    await store.prints.keep(job)
    await store.prints.printed(job, sealEvent)
    clock.setWall(clock.nowMs() + 60 * DAY_MS)
  }
  // 120 and 60 days ago.
  await store.sweep(limits)
  t.equal(await marks(), 1)
  t.equal(await store.prints.keep(late), false)
  t.equal(await store.prints.keep(early), true)
  t.same(store.auditFindings, [])
  await store.close()
})

t.test('marks that were kept before they had a time get one', async t => {
  const clock = new ManualClock()
  const disk = new PluggedDisk()
  const store = await openTestStore(disk, { clock })
  const kv = openMemoryKv(disk.database)
  const value = sealValue(dataKey, 'printed/old', new Uint8Array())
  await kv.write([{ put: 'printed/old', value }])
  const limits = { templatesMsMax: 1e12, receiptedMsMax: 1e12, galleryFingersMax: 100 }
  const isMarked = async () => (await kv.get('printed/old')) !== undefined
  await store.sweep(limits)
  t.ok(await isMarked())
  clock.setWall(clock.nowMs() + 89 * DAY_MS)
  await store.sweep(limits)
  t.ok(await isMarked(), 'a sweep does not begin it again')
  clock.setWall(clock.nowMs() + 2 * DAY_MS)
  await store.sweep(limits)
  t.notOk(await isMarked())
  t.same(store.auditFindings, [])
  await store.close()
})
