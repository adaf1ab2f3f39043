/**
 * Goal: a kiosk that holds nothing but a card's `site.json` becomes one that runs under its own name, without a person
 * at the kiosk; at the next start nothing is asked.
 * Method: the shipped commands as processes: operations give a token, the kiosk starts, operations approve.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { socketPath } from '../../src/cli/local/ask-local.ts'
import { isThere } from '../../src/keys/key-file.ts'
import { until } from '../support/until.ts'
import { buildCli } from './built-cli.ts'

t.setTimeout(240_000)
const root = join(import.meta.dirname, '../..')
const folder = t.testdir({ cli: {} })
// The kiosk needs its page and its engine's thread beside it: as shipped.
execFileSync(join(root, 'scripts/build'))
const tunggal = buildCli(join(folder, 'cli'))
const fleet = ['--data', join(folder, 'fleet')]

function start(t: Test, ...words: string[]): { child: ChildProcess; lines: string[] } {
  const child = spawn(process.execPath, [join(root, 'dist/tunggal.js'), ...words], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const lines: string[] = []
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', line => lines.push(line))
  return { child, lines }
}

const ended = (child: ChildProcess) => new Promise<number | null>(resolve => child.once('close', resolve))

t.test('from a card to a kiosk', async t => {
  await tunggal('keys', 'init', ...fleet)
  await tunggal('keys', 'issue', 'claims', '--role', 'broker', '--host', '127.0.0.1', ...fleet)
  const where = ['--host', '127.0.0.1', '--port', '0']
  const { lines: said } = start(t, 'fleet', 'claim', 'serve', ...where, ...fleet, '--json')
  await until(() => said.length > 0)
  const url = `https://127.0.0.1:${JSON.parse(said[0]).port}`
  const site = join(folder, 'site.json')
  const about = ['--kiosk', 'kiosk-bandung-7', '--site', 'Bandung', '--broker', 'mqtt://127.0.0.1:9']
  const token = await tunggal(
    'fleet',
    'claim',
    'token',
    'create',
    '--url',
    url,
    ...about,
    '-o',
    site,
    ...fleet,
  )
  t.equal(token.code, 0, token.err)

  const data = join(folder, 'kiosk')
  const config = join(folder, 'settings.json')
  await writeFile(config, '{"ui":{"port":0}}')
  const words = ['run', '--data', data, '--config', config]
  // Beside the settings, as on a card.
  const kiosk = start(t, ...words)
  let shown: readonly Record<string, unknown>[] = []
  await until(async () => {
    shown = (await tunggal('fleet', 'claim', 'list', ...fleet, '--json')).lines
    return shown.length > 0
  })
  const { id, code } = shown[0]
  await until(() => kiosk.lines.some(line => line.includes(String(code))))
  t.ok(
    kiosk.lines.some(line => /Menunggu persetujuan/.test(line)),
    'the kiosk shows the code too',
  )
  const approved = await tunggal('fleet', 'claim', 'approve', String(id), '--code', String(code), ...fleet)
  t.equal(approved.code, 0, approved.err)
  await until(() => isThere(socketPath(data, 'kiosk')), 90_000)
  await until(() => kiosk.lines.some(line => line.startsWith('Kiosk kiosk-bandung-7 runs')))
  const settings = await tunggal('config', 'show', '--data', data, '--config', config, '--json')
  const values = new Map(settings.lines.map(({ path, value }) => [path, value]))
  t.equal(values.get('kiosk.id'), 'kiosk-bandung-7')
  t.equal(values.get('kiosk.site'), 'Bandung')
  t.equal(values.get('broker.url'), 'mqtt://127.0.0.1:9')
  kiosk.child.kill('SIGTERM')
  t.equal(await ended(kiosk.child), 0)

  const rotated = await tunggal('keys', 'rotate', 'kiosk', '--data', data, '--json')
  t.equal(rotated.code, 0, rotated.err)
  t.match(rotated.lines, [{ name: 'kiosk-bandung-7' }], 'a fresh certificate, from where it claimed')

  const again = start(t, ...words)
  await until(() => again.lines.some(line => line.startsWith('Kiosk kiosk-bandung-7 runs')), 90_000)
  t.notOk(
    again.lines.some(line => line.includes(String(code))),
    'nothing is claimed again',
  )
})

t.test('without a certificate and without a card, it says what is missing', async t => {
  const answer = await tunggal('run', '--data', join(folder, 'nothing'))
  t.equal(answer.code, 78)
  t.match(answer.err, /keys\/missing/)
  const wrong = join(folder, 'wrong.json')
  await writeFile(wrong, '{"claim":{"url":"http://127.0.0.1"}}')
  const refused = await tunggal('run', '--data', join(folder, 'nothing'), '--site', wrong)
  t.equal(refused.code, 78)
  t.match(refused.err, /config\/bad-value/)
  t.equal(refused.err.trimEnd().split('\n').length, 1)
})
