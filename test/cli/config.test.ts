/** Goal: whoever keeps settings files learns what is wrong with one, and what a kiosk makes of it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { silentLog } from '../../src/base/log.ts'
import { openConfigFolder } from '../../src/config/folder.ts'
import { confirmed, received, tried } from '../../src/config/held.ts'
import { settingsJsonSchema, settingsSchema } from '../../src/settings/settings.ts'
import { buildCli, oneLineAbout } from './built-cli.ts'

const folder = t.testdir({ bin: {}, data: {} })
const tunggal = buildCli(join(folder, 'bin'))
const at = '2026-01-01T00:00:00.000Z'

async function settingsFile(name: string, value: unknown): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, typeof value === 'string' ? value : JSON.stringify(value))
  return path
}

t.test('the schema is the one that is published', async t => {
  const { code, lines } = await tunggal('config', 'schema', '--json')
  t.equal(code, 0)
  t.same(lines, [settingsJsonSchema()])
  t.same(JSON.parse((await tunggal('config', 'schema')).out), settingsJsonSchema())
})

t.test('check: nothing wrong, everything that is wrong, no settings at all', async t => {
  t.equal((await tunggal('config', 'check', await settingsFile('good.json', { relay: {} }))).code, 0)
  const bad = await settingsFile('bad.json', { relay: { windowMax: 0, other: 1 }, ui: { port: 'secret' } })
  const { code, lines, out } = await tunggal('config', 'check', bad, '--json')
  t.equal(code, 1)
  t.same(
    lines.map(({ path }) => path),
    ['ui.port', 'relay.windowMax', 'relay'],
  )
  t.notMatch(out, /secret/)
  const cut = await tunggal('config', 'check', await settingsFile('cut.json', '{"relay":'))
  t.equal(cut.code, 78)
  oneLineAbout(t, cut, /comma or quote/)
  t.equal((await tunggal('config', 'check', join(folder, 'none.json'))).code, 74)
})

t.test('show: where each setting comes from', async t => {
  const file = await settingsFile('kiosk.json', { kiosk: { site: 'Kendari' }, capture: { attemptsMax: 2 } })
  const data = join(folder, 'data')
  const show = async (...words: string[]) =>
    (await tunggal('config', 'show', '--data', data, '--config', file, '--json', ...words)).lines
  t.same(await show(), [
    { path: 'kiosk.site', value: 'Kendari', from: 'own file' },
    { path: 'capture.attemptsMax', value: 2, from: 'own file' },
  ])
  const officerPin = `scrypt:${'a'.repeat(22)}:${'b'.repeat(43)}`
  const withPin = await settingsFile('pin.json', { ui: { officerPin } })
  const pinShown = await tunggal('config', 'show', '--data', data, '--config', withPin, '--json')
  t.same(pinShown.lines, [{ path: 'ui.officerPin', value: '(secret)', from: 'own file' }])
  const all = await show('--all')
  t.match(all, [{ path: 'kiosk.id', value: 'kiosk-demo', from: 'default' }])
  t.ok(all.length > 40)

  const base = settingsSchema.parse({ kiosk: { site: 'Kendari' }, capture: { attemptsMax: 2 } })
  const kept = await openConfigFolder(data, { log: silentLog, at })
  const desired = { version: 3, settings: { capture: { attemptsMax: 4 } } }
  await kept.change(held => {
    const next = received(held, desired, { base, troubles: [], at })
    if (typeof next !== 'object') throw new Error('it is new')
    return next
  })
  await kept.change(held => tried(held, at))
  t.match((await show())[1], { path: 'capture.attemptsMax', value: 4, from: 'version 3' })
  const { out } = await tunggal('config', 'show', '--data', data, '--config', file)
  t.match(out, /Version 3 is on trial; version 0 is the one to go back to/)
  await kept.change(confirmed)
  t.notMatch((await tunggal('config', 'show', '--data', data, '--config', file)).out, /trial/)
})
