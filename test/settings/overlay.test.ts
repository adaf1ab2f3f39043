/**
 * Goal: what operations want changes exactly what it names on a kiosk, and nothing gets past the schema by it.
 */
import t from 'tap'
import {
  changesBetween,
  effectOf,
  overDefaults,
  overlaid,
  type PartialSettings,
} from '../../src/settings/overlay.ts'
import { type Settings, settingPaths, settingsSchema } from '../../src/settings/settings.ts'

const base = settingsSchema.parse({
  kiosk: { id: 'kiosk-0001', site: 'Kantor Dukcapil Kendari', groups: ['sultra', 'canary'] },
  broker: { url: 'mqtts://broker.example:8883' },
})

function over(wanted: PartialSettings): Settings {
  const result = overlaid(base, wanted)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result.settings
}

function problems(wanted: unknown) {
  const result = overlaid(base, wanted as PartialSettings)
  return 'problems' in result ? result.problems : []
}

t.test('a kiosk keeps what is not named', async t => {
  t.same(over({}), base)
  const settings = over({ capture: { qualityMin: 40 }, kiosk: { groups: ['sultra'] } })
  t.same(settings, {
    ...base,
    capture: { ...base.capture, qualityMin: 40 },
    kiosk: { ...base.kiosk, groups: ['sultra'] },
  })
})

t.test('what is wrong is refused by name: all of it, and never its value', async t => {
  const cases: readonly [wanted: unknown, path: string, remedy: RegExp][] = [
    [{ relay: { windowMax: 0 } }, 'relay.windowMax', />=1/],
    [{ relay: { ofAnOlderSchema: 7 } }, 'relay', /ofAnOlderSchema.*known here: windowMax/],
    [{ ofANewerSchema: {} }, '', /ofANewerSchema.*known here: .*relay/],
    [{ kiosk: { id: 'kiosk-0002' } }, 'kiosk.id', /kiosk-0001/],
    [{ broker: { backoffMsMin: 60_000, backoffMsMax: 1_000 } }, 'broker.backoffMsMax', /backoffMsMin/],
    [{ probation: { goodMs: 5_000, limitMs: 1_000 } }, 'probation.limitMs', /goodMs/],
    [{ update: { goodMs: 1_200_000, limitMs: 1_200_000 } }, 'update.goodMs', /limitMs.*2100000/],
    [{ kiosk: 'secret' }, 'kiosk', /object/],
    [{ kiosk: null }, 'kiosk', /object/],
    [{ kiosk: { groups: { 0: 'secret' } } }, 'kiosk.groups', /array/],
    [JSON.parse('{"__proto__": {"relay": {"windowMax": 1}}}'), '', /__proto__/],
    [JSON.parse('{"relay": {"__proto__": {"windowMax": 1}}}'), 'relay', /__proto__/],
    [['secret'], '', /object/],
  ]
  for (const [wanted, path, remedy] of cases) {
    const [first] = problems(wanted)
    t.equal(first?.path, path, JSON.stringify(wanted))
    t.match(first?.remedy, remedy)
    t.notMatch(JSON.stringify(first), /secret/)
  }
  t.equal(problems({ relay: { windowMax: 0, publishesMax: 0 }, ui: { port: -1 } }).length, 3)
})

t.test('a change is known by its path, and by what has to start again for it', async t => {
  t.same(changesBetween(base, base), [])
  t.equal(effectOf([]), 'none')
  const cases: readonly [wanted: PartialSettings, path: string, effect: string][] = [
    [{ capture: { attemptsMax: 5 } }, 'capture.attemptsMax', 'at-once'],
    [{ capture: { qualityMin: 5 } }, 'capture.qualityMin', 'at-once'],
    [{ broker: { keepAliveSeconds: 30 } }, 'broker.keepAliveSeconds', 'part'],
    [{ store: { entriesMax: 5 } }, 'store.entriesMax', 'runtime'],
  ]
  for (const [wanted, path, effect] of cases) {
    const changes = changesBetween(base, over(wanted))
    t.same(
      changes.map(change => [change.path, change.effect]),
      [[path, effect]],
    )
  }
  const both = over({
    capture: { attemptsMax: 5 },
    store: { entriesMax: 5 },
    broker: { keepAliveSeconds: 30 },
  })
  t.equal(effectOf(changesBetween(base, both)), 'runtime')
  const [{ before, after }] = changesBetween(base, over({ capture: { plan: [2] } }))
  t.same([before, after], [base.capture.plan, [2]])
})

t.test('what differs from the defaults makes the same settings again', async t => {
  t.same(overDefaults(settingsSchema.parse({})), {})
  t.same(overDefaults(base), {
    kiosk: { id: 'kiosk-0001', site: 'Kantor Dukcapil Kendari', groups: ['sultra', 'canary'] },
    broker: { url: 'mqtts://broker.example:8883' },
  })
  t.same(
    settingsSchema.parse(overDefaults(over({ capture: { qualityMin: 40 } }))),
    over({ capture: { qualityMin: 40 } }),
  )
})

t.test('a secret stays in the own file: it is neither taken from afar nor told', async t => {
  const officerPin = `scrypt:${'a'.repeat(22)}:${'b'.repeat(43)}`
  t.match(problems({ ui: { officerPin } }), [{ path: 'ui.officerPin', remedy: /own file/ }])
  const own = settingsSchema.parse({ ui: { officerPin, port: 1 } })
  t.same(overDefaults(own), { ui: { port: 1 } })
  const result = overlaid(own, { ui: { port: 2 } })
  t.match(result, { settings: { ui: { officerPin, port: 2 } } }, 'and stays where another setting changes')
})

t.test('every setting is known', async t => {
  const written = Object.entries(base).flatMap(([topic, settings]) =>
    Object.keys(settings).map(name => `${topic}.${name}`),
  )
  const paths = settingPaths
  t.same(
    written.filter(path => !paths.has(path)),
    [],
  )
  t.ok(paths.has('capture.qualityMin'), 'also one that has no default')
})
