/**
 * Goal: a technician learns from one command what is wrong with a kiosk and what to do, whether it runs or not, and
 * a script learns from its exit code whether a citizen could be served.
 * Method: the shipped command on the simulated board, with faults put into it.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Board } from '../../../hal/board/board.ts'
import { shippedBoard } from '../../../hal/board/shipped-boards.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { demoKeys } from '../../support/demo-keys.ts'
import { writeCitizen } from '../../support/finger-images.ts'
import { buildCli } from '../built-cli.ts'

t.setTimeout(180_000)

const folder = t.testdir({ cli: {} })
const tunggal = buildCli(join(folder, 'cli'))

/** The simulated board, some of its parts with a fault. */
function boardWith(faults: Readonly<Record<string, string>>): string {
  const board: Board = shippedBoard('simulated')
  const parts = board.parts.map(part => (part.name in faults ? { ...part, fault: faults[part.name] } : part))
  const file = join(folder, 'board.json')
  writeFileSync(file, JSON.stringify({ ...board, parts }))
  return file
}

/** A broker as far as the doctor asks it. */
async function openPort(t: Test): Promise<string> {
  const server = createServer(socket => socket.on('error', () => {}))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return `mqtt://127.0.0.1:${(server.address() as { port: number }).port}`
}

t.test('a sound kiosk: nothing wrong, 0, and nothing is made', async t => {
  const { data } = await demoKeys(t, systemClock)
  const broker = await openPort(t)
  const { code, lines } = await tunggal('doctor', '--data', data, '--broker', broker, '--json')
  t.equal(code, 0)
  t.same(
    lines.filter(({ ok }) => ok !== true),
    [],
  )
  for (const line of lines) t.same(Object.keys(line), ['check', 'ok', 'detail', 'remedy'])
  const checks = lines.map(({ check }) => check)
  for (const check of ['kernel', 'clock', 'disk space', 'disk health', 'broker', 'part fingerprint'])
    t.ok(checks.includes(check), check)
  t.notOk(existsSync(join(data, 'store')), 'a doctor leaves no database behind')
})

t.test('three faults: all three by name, each with its remedy', async t => {
  const { data } = await demoKeys(t, systemClock)
  const broker = await openPort(t)
  const board = boardWith({ fingerprint: 'unplugged', receipt: 'paper-out', climate: 'silent' })
  const words = ['doctor', '--data', data, '--broker', broker, '--board', board]
  const { code, lines } = await tunggal(...words, '--json')
  t.equal(code, 1, 'without a sensor nobody can be served')
  t.match(
    lines.filter(({ ok }) => ok === false),
    [
      { check: 'part fingerprint', remedy: /plug/ },
      { check: 'part receipt', detail: /no paper/, remedy: /new roll/ },
      { check: 'part climate', detail: /did not answer/, remedy: /plug/ },
    ],
  )
  const people = await tunggal(...words)
  t.equal(people.out.match(/^FAULT/gm)?.length, 3)
  t.match(people.out, /3 wrong: a citizen CANNOT be served/)
  t.match(people.out, /█▄▄▄█/, 'and a code to photograph')
  t.notMatch((await tunggal(...words, '--no-qr')).out, /█/)
})

t.test('what is broken beside the sensor takes a service away, and no more', async t => {
  const { data } = await demoKeys(t, systemClock)
  const board = boardWith({ receipt: 'paper-low', housing: 'silent' })
  const words = ['doctor', '--data', data, '--broker', 'mqtt://127.0.0.1:9', '--board', board, '--json']
  const { code, lines } = await tunggal(...words)
  t.equal(code, 0)
  t.same(
    lines.filter(({ ok }) => ok === false).map(({ check }) => check),
    ['broker', 'part receipt', 'part housing'],
  )
})

t.test('no keys, a bad board and bad settings are findings, not failures', async t => {
  const settings = join(folder, 'settings.json')
  writeFileSync(settings, '{"broker":{"url":"http://x"}}')
  const board = join(folder, 'bad.json')
  writeFileSync(board, JSON.stringify({ id: 'x', parts: [{ name: 'a', driver: 'nothing' }] }))
  const data = join(folder, 'no-such-folder')
  const { code, lines } = await tunggal(
    'doctor',
    '--data',
    data,
    '--config',
    settings,
    '--board',
    board,
    '--json',
  )
  t.equal(code, 1)
  t.match(
    lines.filter(({ ok }) => ok === false).map(({ check }) => check),
    ['settings', 'board', 'keys', 'disk space', 'broker'],
  )
})

t.test('a store sealed under another key is said so', async t => {
  const { data, keys } = await demoKeys(t, systemClock)
  const broker = await openPort(t)
  const images = await writeCitizen(join(folder, 'images'), 1, 0, 1)
  const nik = '3171011708850001'
  t.equal(
    (await tunggal('enrol', '--images', images, '--nik', nik, '--data', data, '--broker', broker)).code,
    0,
  )
  const words = ['doctor', '--data', data, '--broker', broker, '--json']
  const sound = await tunggal(...words)
  t.match(
    sound.lines.find(({ check }) => check === 'outbox'),
    { ok: true, detail: /^1 submissions/ },
  )
  const file = join(keys, 'kiosk/data.key')
  rmSync(file)
  writeFileSync(file, randomBytes(32), { mode: 0o400 })
  const { code, lines } = await tunggal(...words)
  t.equal(code, 1)
  t.match(
    lines.filter(({ ok }) => ok === false),
    [{ check: 'store', detail: /another data key/, remedy: /--from/ }],
  )
})
