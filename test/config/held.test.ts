/**
 * Goal: whatever happens in whatever order, a kiosk has a configuration to run, only a good one becomes the one
 * to go back to, and no version is decided on twice.
 * Method: the rules one by one; then every sequence of up to five events from a new kiosk.
 */
import t from 'tap'
import {
  confirmed,
  type Held,
  nothingHeld,
  received,
  running,
  settingsOf,
  started,
  TRIAL_STARTS_MAX,
  takenBack,
  tried,
  unreadable,
} from '../../src/config/held.ts'
import { configError } from '../../src/settings/desired.ts'
import { settingsSchema } from '../../src/settings/settings.ts'
import { at, base, desired, now, take } from './worlds.ts'

const unwell = [configError('config/unwell', 'part printer', 'it was well before')]
const fresh = nothingHeld(at)
const first = confirmed(tried(take(fresh, desired(1)), at))

t.test('desired, on trial, good', async t => {
  t.same(settingsOf(fresh, base), base, "at first the kiosk's own file")
  const waiting = take(fresh, desired(1))
  t.same(settingsOf(waiting, base), base, 'nothing changes while it waits')
  t.equal(waiting.report.version, 0, 'and nothing is said yet')
  const onTrial = tried(waiting, at)
  t.equal(settingsOf(onTrial, base).capture.qualityMin, 1)
  t.match(onTrial.report, { version: 1, state: 'applied' })
  t.equal(onTrial.good.version, 0)
  t.equal(first.good.version, 1)
  t.equal(first.trial, undefined)
})

t.test('taken back: the one before runs, and the reason is told', async t => {
  const back = takenBack(tried(take(first, desired(2)), at), unwell, at)
  t.equal(settingsOf(back, base).capture.qualityMin, 1)
  t.same(back.report, { version: 2, state: 'rolled-back', errors: unwell, at })
  t.equal(received(back, desired(2), now), undefined, 'it does not come again')
  t.equal(received(back, desired(1), now), 'stale')
  const again = take(back, { ...desired(1), version: 3 })
  t.equal(again.waiting?.version, 3, 'going back is a new version with old content')
})

t.test('what the schema does not know is rejected by name, and changes nothing', async t => {
  const held = take(first, { version: 2, settings: { capture: { ofAnotherSchema: 1, attemptsMax: 0 } } })
  t.equal(held.waiting, undefined)
  t.equal(settingsOf(held, base).capture.qualityMin, 1)
  t.match(held.report, { version: 2, state: 'rejected' })
  t.same(
    held.report.errors.map(({ code, where }) => [code, where]),
    [
      ['config/bad-value', 'capture.attemptsMax'],
      ['config/bad-value', 'capture'],
    ],
  )
  t.match(held.report.errors[1].text, /ofAnotherSchema/)
  t.equal(received(held, desired(2), now), undefined, 'even where it were right now')
})

t.test('a newer one takes the place of one that waits or is on trial', async t => {
  const both = take(take(fresh, desired(1)), desired(2))
  t.equal(both.waiting?.version, 2)
  const onTrial = tried(take(first, desired(2), ['part lamp']), at)
  const third = tried(take(onTrial, desired(3), ['part lamp', 'part printer']), at)
  t.equal(third.trial?.version, 3)
  t.equal(third.good.version, 1, 'what was only on trial is nothing to go back to')
  t.same(third.trial?.troubles, ['part lamp'], 'what the second broke is not taken for old')
})

t.test('a kiosk that starts tries what waited, and gives up what takes it down', async t => {
  let { held, settings } = started(take(first, desired(2)), base, at)
  for (let starts = 1; starts < TRIAL_STARTS_MAX; starts++) {
    t.equal(settings.capture.qualityMin, 2)
    ;({ held, settings } = started(held, base, at))
  }
  t.equal(settings.capture.qualityMin, 2)
  t.equal(held.trial?.starts, TRIAL_STARTS_MAX)
  ;({ held, settings } = started(held, base, at))
  t.equal(settings.capture.qualityMin, 1)
  t.match(held.report, { version: 2, state: 'rolled-back', errors: [{ code: 'config/not-starting' }] })
  t.same(started(held, base, at).held, held, 'and that is the end of it')
})

t.test('software or file changed below a configuration', async t => {
  const other = { version: 2, settings: { broker: { backoffMsMin: 60_000 } } }
  const onTrial = tried(take(first, other), at)
  const narrow = settingsSchema.parse({ ...base, broker: { ...base.broker, backoffMsMax: 30_000 } })
  const { held, settings } = started(onTrial, narrow, at)
  t.match(held.report, { state: 'rolled-back', errors: [{ where: 'broker.backoffMsMax' }] })
  t.equal(settings.capture.qualityMin, 1, 'the good one still fits')

  const good = confirmed(onTrial)
  t.same(settingsOf(good, narrow), narrow, "the kiosk's own file, never the defaults")
  t.match(unreadable(good, narrow), [{ code: 'config/bad-value', where: 'broker.backoffMsMax' }])
  t.same(unreadable(good, base), [])
  t.equal(settingsOf(good, base).broker.backoffMsMin, 60_000, 'it is kept for the software that can')
})

/** What may happen to a kiosk. Versions 1 to 3 come in any order; 2 is one that its schema does not know. */
const events: Readonly<Record<string, (held: Held) => Held>> = {
  ...Object.fromEntries(
    [1, 2, 3].map(version => [
      `desired ${version}`,
      (held: Held) => {
        const wanted = version === 2 ? { version, settings: { unknown: {} } } : desired(version)
        const next = received(held, wanted, now)
        return next === undefined || next === 'stale' ? held : next
      },
    ]),
  ),
  idle: held => tried(held, at),
  well: confirmed,
  unwell: held => takenBack(held, unwell, at),
  start: held => started(held, base, at).held,
}

t.test('every sequence of events', async t => {
  let walked = 0
  let kept = 0
  const walk = (held: Held, eventsLeft: number, past: readonly string[]): void => {
    if (eventsLeft === 0) return
    for (const [name, happen] of Object.entries(events)) {
      const next = happen(held)
      walked++
      const wrong: string[] = []
      if (next.highest < held.highest) wrong.push('a version may come again')
      if (running(next).version > next.highest) wrong.push('it runs what was never decided on')
      if (running(next).version === 2) wrong.push('it runs what its schema does not know')
      if (next.good !== held.good) {
        kept++
        if (name !== 'well' || next.good.version !== held.trial?.version) wrong.push('kept without a trial')
      }
      const shown = settingsOf(next, base).capture.qualityMin ?? 0
      if (shown !== running(next).version) wrong.push('it runs something else')
      if (next.report.state !== 'rejected' && next.report.state !== 'applied') {
        if (next.report.errors.length === 0) wrong.push('taken back without a reason')
      }
      if (next.waiting && next.waiting.version !== next.highest) wrong.push('an old one waits')
      if (wrong.length > 0) t.fail(wrong.join(), { past: [...past, name], next })
      walk(next, eventsLeft - 1, [...past, name])
    }
  }
  walk(fresh, 5, [])
  t.ok(walked > 15_000, `${walked} steps`)
  t.ok(kept > 100, `${kept} times one was kept`)
})
