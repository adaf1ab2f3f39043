/**
 * Goal: a housing that is opened without the service key raises an alarm that outlives the plug, until somebody answers
 * for it; and where the settings say so, the data key is gone before anything else is done.
 * Method: simulated switches and a real store in memory of its own folder.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { SimulatedTwoStatePart } from '../../hal/sim/two-state-part.ts'
import { silentLog } from '../../src/base/log.ts'
import { Housing } from '../../src/health/housing.ts'
import { eraseLocalKeys, openKioskKeys } from '../../src/keys/file-key-store.ts'
import type { AuditEntry } from '../../src/store/audit-log.ts'
import { demoKeys } from '../support/demo-keys.ts'
import { ManualClock } from '../support/manual-clock.ts'

async function housing(
  options: { notes?: AuditEntry[]; isOpen?: boolean; erase?: () => Promise<void> } = {},
) {
  const clock = new ManualClock()
  const door = new SimulatedTwoStatePart({ kind: 'tamper-switch', clock })
  const key = new SimulatedTwoStatePart({ kind: 'service-key', clock })
  await door.open()
  await key.open()
  door.set(options.isOpen ?? false)
  const notes = options.notes ?? []
  const heard: string[] = []
  const part = { driver: 'simulated', on: {}, state: { up: true }, diagnose: async () => [] } as const
  const guarded = await Housing.guard({
    switches: [{ ...part, name: 'housing', kind: 'tamper-switch', device: door }],
    serviceKeys: [{ ...part, name: 'service-key', kind: 'service-key', device: key }],
    store: {
      note: async (who, what) => void notes.push({ at: new Date(clock.nowMs()).toISOString(), who, what }),
      latestNote: async (...kinds) => notes.findLast(({ what }) => kinds.includes(what)),
    },
    clock,
    log: silentLog,
    ...(options.erase && { erase: options.erase }),
    onChange: () => heard.push('change'),
    onErased: () => heard.push('erased'),
  })
  await setImmediate()
  return { door, key, guarded, notes, heard }
}

t.test('opened: an alarm, once, in the audit log; it outlives a restart and ends with the key', async t => {
  const { door, guarded, notes, heard } = await housing()
  t.equal(guarded.openedAt, undefined)
  door.set(true)
  door.set(false)
  door.set(true)
  await setImmediate()
  t.ok(guarded.openedAt)
  t.match(notes, [{ who: 'housing', what: 'housing-opened' }])
  t.same(heard, ['change'])

  const later = await housing({ notes })
  t.equal(later.guarded.openedAt, notes[0].at, 'also after the plug was pulled, with the housing shut again')
  later.key.set(true)
  await setImmediate()
  t.equal(later.guarded.openedAt, undefined)
  t.match(notes, [{}, { who: 'service-key', what: 'housing-answered-for' }])
  t.equal((await housing({ notes })).guarded.openedAt, undefined)
})

t.test('with the service key turned, a technician may open it', async t => {
  const { door, key, guarded, notes } = await housing()
  key.set(true)
  door.set(true)
  await setImmediate()
  t.equal(guarded.openedAt, undefined)
  t.same(notes, [])
})

t.test('open already when the kiosk starts: it may have been opened while it was off', async t => {
  const { guarded } = await housing({ isOpen: true })
  t.ok(guarded.openedAt)
})

t.test('erase: the data key is gone before it is written down, and the kiosk has to stop', async t => {
  const clock = new ManualClock()
  const { keys } = await demoKeys(t, clock)
  const folder = join(keys, 'kiosk')
  const notes: AuditEntry[] = []
  const { door, heard } = await housing({ notes, erase: () => eraseLocalKeys(folder) })
  door.set(true)
  while (!heard.includes('erased')) await setImmediate()
  t.notOk(existsSync(join(folder, 'data.key')))
  t.notOk(existsSync(join(folder, 'index.key')))
  t.ok(existsSync(join(folder, 'key.pem')), 'what was sealed can still be brought to the ABIS')
  t.same(
    notes.map(({ what }) => what),
    ['housing-opened', 'data-key-erased'],
  )
  await t.rejects(openKioskKeys(folder), { code: 'keys/missing' })
  await eraseLocalKeys(folder)
  t.pass('safe to repeat')
})
