/**
 * Goal: `tunggal enrol`, what technicians ask and what operators do work beside a kiosk that runs, and the socket
 * between them takes only what it must.
 * Method: the shipped commands as processes; then bytes of strangers straight into the socket.
 */
import { execFileSync, spawn } from 'node:child_process'
import { stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { socketPath } from '../../src/cli/local/ask-local.ts'
import { writeCitizen } from '../support/finger-images.ts'
import { until } from '../support/until.ts'
import { buildCli } from './built-cli.ts'

t.setTimeout(180_000)

const there = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

const root = join(import.meta.dirname, '../..')

/** What the kiosk answers to these bytes before it closes the line. */
function ask(path: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(path)
    socket.setEncoding('utf8').on('data', part => {
      text += part
    })
    socket.on('error', reject).on('close', () => resolve(text))
    socket.end(bytes)
  })
}

t.test('beside a running kiosk', async t => {
  const folder = t.testdir()
  // The kiosk needs its page and its engine's thread beside it: as shipped.
  execFileSync(join(root, 'scripts/build'))
  const tunggal = buildCli(join(folder, 'cli'))
  const data = join(folder, 'state')
  await tunggal('keys', 'init', '--demo', '--data', data)
  const settings = join(folder, 'settings.json')
  await writeFile(settings, '{"broker":{"url":"mqtt://127.0.0.1:9"},"ui":{"port":0}}')
  const words = ['run', '--data', data, '--config', settings, '--json']
  const kiosk = spawn(process.execPath, [join(root, 'dist/tunggal.js'), ...words], { stdio: 'ignore' })
  const ended = new Promise<number | null>(resolve => kiosk.once('close', resolve))
  t.teardown(() => kiosk.kill('SIGKILL'))
  const path = socketPath(data, 'kiosk')
  await until(() => there(path))
  t.equal((await stat(path)).mode & 0o777, 0o600, 'for this user only')

  const images = await writeCitizen(join(folder, 'images'), 5, 0, 2)
  const enrolled = await tunggal(
    'enrol',
    '--images',
    images,
    '--nik',
    '3171011708850005',
    '--data',
    data,
    '--json',
  )
  t.equal(enrolled.code, 0, enrolled.err)
  t.same(
    enrolled.lines.map(({ status }) => status),
    ['BIO_CAPTURED', 'SENT_FOR_ENROLLMENT'],
  )
  const id = String(enrolled.lines[0].id)
  const listed = await tunggal('record', 'list', '--data', data, '--json')
  t.same(
    listed.lines.map(line => line.id),
    [id],
    'the kiosk alone opens its store, and answers for it',
  )
  const status = await tunggal('outbox', 'status', '--data', data, '--json')
  t.match(status.lines, [{ waiting: 1, setAside: 0 }])
  const exported = await tunggal('outbox', 'export', join(folder, 'stick'), '--data', data, '--json')
  t.ok(await there(String(exported.lines[0].file)))
  const unknown = await tunggal('record', 'show', '01a00000-0000-7000-8000-000000000000', '--data', data)
  t.equal(unknown.code, 65, 'errors are those of the command itself')
  t.match(unknown.err, /store\/unknown-record/)
  const withdrawn = await tunggal('record', 'withdraw', id, '--data', data, '--json')
  t.match(withdrawn.lines, [{ id, mayBeCentral: true }])

  const doctor = await tunggal('doctor', '--data', data, '--json')
  t.equal(doctor.code, 0, doctor.out)
  t.match(doctor.lines[0], { check: 'runtime', detail: /kiosk-demo runs/ })
  t.match(
    doctor.lines.filter(({ ok }) => ok === false),
    [{ check: 'broker' }],
  )
  t.equal((await tunggal('part', 'list', '--data', data)).code, 0)
  const busy = await tunggal('part', 'test', 'receipt', '--data', data)
  t.equal(busy.code, 69)
  t.match(busy.err, /stop it first/)

  for (const bytes of [
    '',
    '\n',
    'not JSON\n',
    '{}\n',
    '{"ask":"enrol","nik":"3171011708850005","waitMs":0,"images":[]}\n',
    '{"ask":"command","name":"abis serve","options":{},"args":[],"cwd":"/"}\n',
    '{"ask":"command","name":"toString","options":{},"args":[],"cwd":"/"}\n',
    '{"ask":"command","name":"record list","options":{"limit":-1},"args":[],"cwd":"/"}\n',
  ]) {
    const answer = JSON.parse(await ask(path, bytes))
    t.match(answer, { end: 64, error: { code: 'usage/bad-option' } }, JSON.stringify(bytes))
  }
  const wrongSize = { position: 1, widthPx: 9000, heightPx: 9000, resolutionDpi: 500, pixels: 'AAAA' }
  const lie = `${JSON.stringify({ ask: 'enrol', nik: '3171011708850005', waitMs: 0, images: [wrongSize] })}\n`
  t.match(JSON.parse(await ask(path, lie)), { end: 64 })

  kiosk.kill('SIGTERM')
  t.equal(await ended, 0, 'it ends when it is asked to')
  t.notOk(await there(path), 'and takes its socket with it')
})
