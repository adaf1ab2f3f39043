/** Goal: what operations read of a kiosk is what it said, no better and no worse. */
import t from 'tap'
import {
  differences,
  isDecided,
  type Outcome,
  outcomeOf,
  problemsForMany,
  updateOutcomeOf,
} from '../../src/fleet/outcome.ts'
import { stagesOf } from '../../src/fleet/roll-out.ts'
import type { SeenKiosk } from '../../src/fleet/seen-kiosk.ts'
import { nextVersion } from '../../src/fleet/wish.ts'
import type { Reported } from '../../src/settings/desired.ts'
import type { ReportedUpdate } from '../../src/settings/update-desired.ts'
import { ago, wantedImage } from './kiosk-words.ts'

const reported = (said: Partial<Reported>): Reported => ({
  version: 5,
  state: 'applied',
  errors: [],
  at: '2026-01-01T00:00:00.000Z',
  running: 5,
  confirmed: true,
  settings: {},
  ...said,
})
const state = (word: 'online' | 'offline', groups: string[] = []) => ({
  state: word,
  since: '2026-01-01T00:00:00.000Z',
  version: '0',
  site: 'site',
  province: '74',
  groups,
})

t.test('outcomes', async t => {
  const cases: readonly [said: Partial<Reported> | undefined, outcome: Outcome, decided: boolean][] = [
    [undefined, 'waiting', false],
    [{ version: 4 }, 'waiting', false],
    [{ confirmed: false }, 'on-trial', false],
    [{}, 'kept', true],
    [{ state: 'rejected', running: 4 }, 'rejected', true],
    [{ state: 'rolled-back', running: 4 }, 'rolled-back', true],
    [{ version: 6 }, 'superseded', true],
  ]
  for (const [said, outcome, decided] of cases) {
    const seen = { kiosk: 'kiosk-0001', reported: said && reported(said) }
    t.equal(outcomeOf(seen, 5), outcome)
    t.equal(isDecided(outcome), decided, outcome)
  }
})

t.test('outcomes of an image', async t => {
  const said: ReportedUpdate = {
    version: 5,
    state: 'applied',
    errors: [],
    at: '2026-01-01T00:00:00.000Z',
    running: '2.0.0',
  }
  const pending = { version: 5, image: '2.0.0', step: 'waiting' } as const
  const cases: readonly [reported: ReportedUpdate | undefined, outcome: Outcome][] = [
    [undefined, 'waiting'],
    [{ ...said, version: 4 }, 'waiting'],
    [{ ...said, version: 4, pending }, 'on-trial'],
    [said, 'kept'],
    [{ ...said, pending: { ...pending, version: 6 } }, 'kept'],
    [{ ...said, state: 'rejected' }, 'rejected'],
    [{ ...said, state: 'rolled-back' }, 'rolled-back'],
    [{ ...said, version: 6 }, 'superseded'],
  ]
  for (const [reported, outcome] of cases)
    t.equal(updateOutcomeOf({ kiosk: 'kiosk-0001', update: { reported } }, 5), outcome)
})

t.test('differences: only what is wanted and does not run', async t => {
  const seen: SeenKiosk = {
    kiosk: 'kiosk-0001',
    desired: {
      version: 6,
      settings: { capture: { attemptsMax: 2, timeoutMs: 20_000 }, relay: { windowMax: 8 } },
    },
    reported: reported({ settings: { relay: { windowMax: 8 }, ui: { port: 1 } } }),
  }
  t.same(differences(seen), [{ path: 'capture.attemptsMax', wanted: 2, runs: 3 }])
  t.same(differences({ ...seen, desired: undefined }), [])
  t.equal(differences({ ...seen, reported: undefined }).length, 3, 'of a kiosk that never spoke nothing runs')
})

t.test('a file for many kiosks', async t => {
  t.same(problemsForMany({ capture: { attemptsMax: 2 } }), [])
  t.match(problemsForMany({ kiosk: { id: 'kiosk-demo' } }), [{ path: 'kiosk.id' }])
  t.match(problemsForMany({ capture: { attemptsMax: 0 } }), [{ path: 'capture.attemptsMax' }])
  for (const none of [null, [], 'text', 7]) t.match(problemsForMany(none as never), [{ path: '' }])
})

t.test('a version that none has heard of', async t => {
  const configuration = { settings: {} }
  t.equal(nextVersion(configuration, []), 1)
  t.equal(nextVersion(configuration, [{ kiosk: 'a' }]), 1)
  const wanted: SeenKiosk = { kiosk: 'a', desired: { version: 9, settings: {} } }
  const said: SeenKiosk = { kiosk: 'b', reported: reported({ version: 12 }) }
  t.equal(nextVersion(configuration, [wanted, said]), 13)
  t.equal(nextVersion({ image: wantedImage }, [wanted, said]), 1, 'images have numbers of their own')
  const pending = { version: 5, image: '2.0.0', step: 'downloading' as const }
  const updating = {
    version: 3,
    state: 'applied' as const,
    errors: [],
    at: ago(1),
    running: '1.0.0',
    pending,
  }
  t.equal(nextVersion({ image: wantedImage }, [{ kiosk: 'c', update: { reported: updating } }]), 6)
})

t.test('a few first: from all over, and those that are there', async t => {
  const kiosks = Array.from({ length: 200 }, (_, n) => ({
    kiosk: `kiosk-${String(n).padStart(4, '0')}`,
    state: state(n % 10 === 0 ? 'offline' : 'online'),
  }))
  const [first, rest] = stagesOf(kiosks, 5)
  t.equal(first.length, 10)
  t.equal(rest.length, 190)
  t.equal(new Set([...first, ...rest]).size, 200, 'each once')
  const offline = new Set(kiosks.filter(({ state }) => state.state === 'offline').map(({ kiosk }) => kiosk))
  t.notOk(first.some(kiosk => offline.has(kiosk)))
  t.ok(first.some(kiosk => kiosk < 'kiosk-0020') && first.some(kiosk => kiosk > 'kiosk-0170'))
  t.equal(stagesOf(kiosks, 100).length, 1)
  t.same(
    stagesOf(kiosks.slice(0, 1), 5).map(stage => stage.length),
    [1],
    'at least one',
  )
  const [few] = stagesOf(kiosks, 95)
  t.equal(few.length, 190, 'those that are off make up the number')
})
