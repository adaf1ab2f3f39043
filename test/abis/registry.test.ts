/** Goal: alarms are of ids and numbers that came twice with other bytes, and outlive a restart of the ABIS. */

import t from 'tap'
import { Counts } from '../../src/abis/counts.ts'
import { Registry } from '../../src/abis/registry.ts'
import { MemoryDisk, openMemoryKv } from '../../src/kv/memory.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { fingerless } from './fixture.ts'

const at = '2026-01-01T07:00:00.000Z'

t.test('what came twice, before and after a restart', async t => {
  const disk = new MemoryDisk()
  const clock = new ManualClock()
  let counts = new Counts(clock)
  const registry = new Registry(openMemoryKv(disk), clock, counts)
  const first = fingerless(1)
  const bytes = Buffer.from('first')
  t.match(await registry.take(first, bytes), { isNew: true, alarm: undefined })
  t.match(await registry.take(first, bytes), { isNew: false, alarm: undefined })
  t.equal(counts.snapshot().alarms, 0, 'a copy is no alarm')
  t.match(await registry.take(first, Buffer.from('other')), {
    receipt: undefined,
    alarm: 'id-with-other-bytes',
  })
  t.match(await registry.take(fingerless(1), Buffer.from('again')), {
    isNew: true,
    alarm: 'sequence-used-before',
  })
  t.equal(counts.snapshot().alarms, 2)
  counts = new Counts(clock)
  await new Registry(openMemoryKv(disk), clock, counts).readBack()
  t.equal(counts.snapshot().alarms, 2)
})

t.test('an event of another kiosk changes nothing, whatever it says', async t => {
  const clock = new ManualClock()
  const counts = new Counts(clock)
  const registry = new Registry(openMemoryKv(), clock, counts)
  const taken = fingerless(1)
  await registry.take(taken, Buffer.from('first'))
  const event = { id: taken.id, event: 'consent-withdrawn', at } as const
  t.same(await registry.apply('kiosk-2', event, Buffer.from('event')), { outcomeChanged: false, erased: [] })
  t.equal((await registry.record(taken.id))?.fingers.length, 1)
  const applied = await registry.apply('kiosk-1', event, Buffer.from('event'))
  t.match(applied, { receipt: { id: taken.id, highestContiguous: 1 }, erased: [taken.id] })
  t.same(await registry.apply('kiosk-1', event, Buffer.from('event')), { ...applied, erased: [] })
  t.same((await registry.record(taken.id))?.fingers, [])
})

t.test('a verdict that comes behind a withdrawal counts for nothing', async t => {
  const clock = new ManualClock()
  const registry = new Registry(openMemoryKv(), clock, new Counts(clock))
  const taken = fingerless(1)
  await registry.take(taken, Buffer.from('first'))
  await registry.apply('kiosk-1', { id: taken.id, event: 'consent-withdrawn', at }, Buffer.from('event'))
  t.equal(await registry.decide(taken.id, { status: 'ADJUDICATE_RECORD' }), undefined)
  t.equal((await registry.record(taken.id))?.outcome, undefined)
})
