/** Goal: everybody finds the page as it is meant to be, whatever the person before them chose. */
import t from 'tap'
import { defaultPreferences } from '../../src/record/visit-view.ts'
import { defaultSettings } from '../../src/settings/settings.ts'
import { standInKiosk } from './stand-ins.ts'

const chosen = { textSize: 3, highContrast: true, volume: 5 } as const

t.test('what somebody chose lasts until their visit ends', async t => {
  const { touch, toCapture, runner } = standInKiosk()
  await touch({ name: 'prefer', ...chosen })
  await toCapture()
  await touch({ name: 'prefer', reducedMotion: true })
  t.same(runner.view.preferences, { ...defaultPreferences, ...chosen, reducedMotion: true })
  const { visit } = runner.view
  await touch({ name: 'leave' })
  t.same(runner.view.preferences, defaultPreferences)
  runner.dispatch({ visit: visit - 1, name: 'prefer', textSize: 2 })
  t.same(runner.view.preferences, defaultPreferences, 'a late touch does not choose for the next person')
})

t.test('who chooses and goes away without a visit is forgotten, too', async t => {
  const { touch, clock, runner } = standInKiosk()
  const { idleAfterMs } = defaultSettings.ui
  const seen: number[] = []
  runner.onView(view => seen.push(view.preferences.textSize))
  await touch({ name: 'prefer', ...chosen })
  await clock.advance(idleAfterMs - 1)
  t.equal(seen.at(-1), 3)
  await clock.advance(1)
  t.equal(seen.at(-1), 1)
})

t.test('choosing shows that somebody is there', async t => {
  const { touch, clock, runner } = standInKiosk()
  await touch({ name: 'begin', language: 'id' })
  await clock.advance(defaultSettings.ui.idleAfterMs)
  t.ok(runner.view.stillThere)
  await touch({ name: 'prefer', textSize: 2 })
  t.notOk(runner.view.stillThere)
  await clock.advance(defaultSettings.ui.idleAfterMs - 1)
  t.equal(runner.view.preferences.textSize, 2, 'the timer of the first screen does not end a visit’s choice')
})

t.test('whoever plugs in headphones hears', async t => {
  const { runner } = standInKiosk()
  t.notOk(runner.view.preferences.speech)
  runner.setListensAlone(true)
  t.ok(runner.view.listensAlone)
  t.ok(runner.view.preferences.speech)
  runner.setListensAlone(false)
  t.notOk(runner.view.listensAlone)
})
