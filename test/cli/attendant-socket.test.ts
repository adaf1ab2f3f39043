/**
 * Goal: `tunggal enrol` works beside a kiosk that runs, and the socket between them takes only what it must.
 * Method: the shipped commands as processes; then bytes of strangers straight into the socket.
 */
import { execFileSync, spawn } from 'node:child_process'
import { stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { socketPath } from '../../src/cli/kiosk/attendant-socket.ts'
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
  const path = socketPath(data)
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
  const locked = await tunggal('record', 'list', '--data', data)
  t.equal(locked.code, 69, 'the kiosk alone opens its store')

  for (const bytes of [
    '',
    '\n',
    'not JSON\n',
    '{}\n',
    '{"nik":"3171011708850005","waitMs":0,"images":[]}\n',
  ]) {
    const answer = JSON.parse(await ask(path, bytes))
    t.match(answer, { end: 64, error: { code: 'usage/bad-option' } }, JSON.stringify(bytes))
  }
  const wrongSize = { position: 1, widthPx: 9000, heightPx: 9000, resolutionDpi: 500, pixels: 'AAAA' }
  const lie = `${JSON.stringify({ nik: '3171011708850005', waitMs: 0, images: [wrongSize] })}\n`
  t.match(JSON.parse(await ask(path, lie)), { end: 64 })

  kiosk.kill('SIGTERM')
  t.equal(await ended, 0, 'it ends when it is asked to')
  t.notOk(await there(path), 'and takes its socket with it')
})
