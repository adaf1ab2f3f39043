/**
 * Goal: a settings file either means exactly what it says or is refused with the path and what to do.
 */
import t from 'tap'
import { KioskError } from '../../src/base/errors.ts'
import {
  defaultSettings,
  parseSettings,
  SETTINGS_BYTES_MAX,
  settingsJsonSchema,
  settingsSchema,
} from '../../src/settings/settings.ts'

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))

function refusal(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    parseSettings(body)
  } catch (error) {
    if (error instanceof KioskError && error.code === 'config/bad-value') return error.details
    throw error
  }
  throw new Error('was accepted')
}

t.test('an empty file is all defaults, and what a file names replaces one default', async t => {
  t.same(parseSettings(bytes({})), defaultSettings)
  const settings = parseSettings(bytes({ capture: { attemptsMax: 5 } }))
  t.same(settings, { ...defaultSettings, capture: { ...defaultSettings.capture, attemptsMax: 5 } })
})

t.test('settings survive being written out and read again', async t => {
  t.same(parseSettings(bytes(defaultSettings)), defaultSettings)
})

t.test('a wrong value is named by path, with a remedy, and is not repeated', async t => {
  const cases: readonly [value: unknown, path: string, remedy: RegExp][] = [
    [{ relay: { windowMax: 0 } }, 'relay.windowMax', />=1/],
    [{ relay: { windowMax: 'secret' } }, 'relay.windowMax', /number/],
    [{ relay: { windowMx: 1 } }, 'relay', /windowMx.*known here: windowMax/],
    [{ rely: {} }, '(whole file)', /rely.*known here: .*relay/],
    [{ capture: { plan: [1, 2, 1] } }, 'capture.plan', /twice/],
    [{ capture: { plan: [11] } }, 'capture.plan.0', /<=10/],
    [{ kiosk: { id: 'Kiosk 1' } }, 'kiosk.id', /a-z, 0-9/],
    [{ kiosk: { languages: [] } }, 'kiosk.languages', /1/],
    [{ broker: { url: 'mqtt://user:secret@host' } }, 'broker.url', /mqtts:\/\/HOST:PORT/],
    [{ broker: { backoffMsMin: 60_000, backoffMsMax: 1_000 } }, 'broker.backoffMsMax', /backoffMsMin/],
    [[], '(whole file)', /object/],
    [null, '(whole file)', /object/],
  ]
  for (const [value, path, remedy] of cases) {
    const details = refusal(bytes(value))
    t.equal(details.path, path)
    t.match(details.remedy, remedy)
    t.notMatch(JSON.stringify(details), /secret/)
  }
})

t.test('bytes that are no settings file are refused in words', async t => {
  t.match(refusal(new TextEncoder().encode('{"kiosk":')).remedy, /JSON/)
  t.match(refusal(new Uint8Array([0x7b, 0xff, 0x7d])).remedy, /UTF-8/)
  t.match(refusal(new Uint8Array(SETTINGS_BYTES_MAX + 1)).remedy, /at most/)
})

t.test('every setting has a sentence of documentation, and every number a range', async t => {
  type Node = {
    properties?: Record<string, Node>
    description?: string
    type?: string
    minimum?: number
    maximum?: number
  }
  const topics = Object.entries((settingsJsonSchema() as Node).properties ?? {})
  t.equal(topics.length, Object.keys(settingsSchema.shape).length)
  for (const [topic, node] of topics) {
    t.ok(node.description, topic)
    for (const [name, setting] of Object.entries(node.properties ?? {})) {
      t.match(setting.description, /\.$/, `${topic}.${name}`)
      if (setting.type !== 'integer' && setting.type !== 'number') continue
      t.type(setting.minimum, 'number', `${topic}.${name}`)
      t.type(setting.maximum, 'number', `${topic}.${name}`)
    }
  }
})
