/** Goal: whatever keeps a kiosk from its work is named, and nothing is named of one that is well. */
import t from 'tap'
import { summaryOf } from '../../src/fleet/kiosk-summary.ts'
import { heard } from '../../src/fleet/seen-kiosk.ts'
import { troublesOf } from '../../src/fleet/troubles.ts'
import { ago, kioskThatSaid, nowMs, state, telemetry } from './kiosk-words.ts'

const names = (words: Parameters<typeof kioskThatSaid>[1]) =>
  troublesOf(kioskThatSaid('kiosk-1', words), nowMs).map(({ name }) => name)

t.test('one that is well', async t => {
  t.same(names({ state, telemetry }), [])
  t.match(summaryOf(kioskThatSaid('kiosk-1', { state, telemetry }), nowMs), {
    kiosk: 'kiosk-1',
    state: 'online',
    site: 'Kantor Dukcapil Kendari',
    province: '74',
    version: '1.2.3',
    parts: { up: 1, down: [] },
    outbox: { waiting: 0 },
    heardAt: ago(30),
    troubles: [],
  })
})

t.test('each trouble by its name', async t => {
  const said = (change: object) => names({ state, telemetry: { ...telemetry, ...change } })
  t.same(names({ state: { ...state, state: 'offline' }, telemetry }), ['offline'])
  t.same(names({ telemetry }), ['offline'])
  t.same(names({ state: { ...state, state: 'maintenance' }, telemetry }), ['maintenance'])
  t.same(said({ at: ago(181) }), ['silent'])
  t.same(names({ state }), ['silent'], 'it has been online for an hour and told nothing')
  t.same(names({ state: { ...state, since: ago(60) } }), [], 'it has only just come')
  t.same(said({ parts: [{ name: 'receipt', kind: 'receipt-printer', up: false, code: 'hal/paper-out' }] }), [
    'part-down',
  ])
  t.same(said({ store: { ...telemetry.store, level: 'urgent', findings: 2 } }), [
    'store-filling',
    'store-findings',
  ])
  t.same(said({ outbox: { waiting: 1, events: 0, setAside: 0, oldestAt: ago(86_000) } }), [])
  t.same(said({ outbox: { waiting: 1, events: 0, setAside: 3, oldestAt: ago(87_000) } }), [
    'set-aside',
    'outbox-old',
  ])
  t.same(said({ staffCalled: true, housingOpenedAt: ago(10) }), ['staff-called', 'housing-open'])
  t.same(said({ screenIsDark: true }), ['screen-dark'])
  t.same(said({ certificateUntil: ago(-100 * 86_400) }), [])
  t.same(said({ certificateUntil: ago(-80 * 86_400) }), ['certificate-lapses'])
  t.same(said({ samples: { count: 200, scoreMean: 20, goodFraction: 0.2 } }), ['poor-samples'])
  t.same(said({ gallery: { fingers: 5, inScope: 20_001, complete: false } }), ['gallery-too-large'])
  t.same(said({ gallery: { fingers: 20_000, inScope: 20_000, complete: true } }), [])
  t.same(said({ samples: { count: 10, scoreMean: 20, goodFraction: 0.2 } }), [], 'too few to judge by')
})

t.test('a kiosk that tells more seldom is silent later', async t => {
  const reported = {
    version: 1,
    state: 'applied',
    errors: [],
    at: ago(7_200),
    running: 1,
    confirmed: true,
    settings: { health: { telemetryIntervalMs: 600_000 } },
  }
  const words = { state, telemetry: { ...telemetry, at: ago(1_000) } }
  t.same(names(words), ['silent'])
  t.same(names({ ...words, 'config/reported': reported }), [])
  t.same(
    names({ ...words, 'config/reported': { ...reported, refused: { count: 1, code: 'seal/untrusted' } } }),
    ['config-refused'],
  )
})

t.test('what was wanted last and does not run', async t => {
  const reported = {
    version: 4,
    state: 'rolled-back',
    errors: [],
    at: ago(60),
    running: 3,
    confirmed: true,
    settings: {},
  }
  const seen = kioskThatSaid('kiosk-1', { state, telemetry, 'config/reported': reported })
  const wanted = (version: number) => troublesOf({ ...seen, desired: { version, settings: {} } }, nowMs)
  t.match(wanted(4), [{ name: 'config-not-running', about: 'rolled-back' }])
  t.same(wanted(5), [], 'nothing has come of that one yet')
})

t.test('what cannot be read is not known', async t => {
  const seen = kioskThatSaid('kiosk-1', { state, telemetry })
  for (const body of ['', '{', 'null', '[]', '{"state":"online"}']) {
    t.equal(heard(seen, 'state', Buffer.from(body)).state, undefined)
    t.equal(heard(seen, 'telemetry', Buffer.from(body)).telemetry, undefined)
    t.match(heard(seen, 'state', Buffer.from(body)).telemetry, { uptimeSeconds: 3_600 })
  }
  const many = { ...telemetry, parts: Array.from({ length: 65 }, () => telemetry.parts[0]) }
  t.equal(kioskThatSaid('kiosk-1', { telemetry: many }).telemetry, undefined)
})
