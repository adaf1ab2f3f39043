/**
 * Goal: with the shipped commands, people decide on a record while ABIS and kiosk run, and the kiosk hears of it; beside
 * an ABIS that does not run they decide too.
 * Method: the embedded broker, `abis serve` and a kiosk as processes; a second person's fingers under a number that is
 * taken ask the question.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startEmbeddedBroker } from '../../scripts/embedded-broker.ts'
import { socketPath } from '../../src/cli/local/ask-local.ts'
import { readPng } from '../../src/finger/image/png.ts'
import { isThere } from '../../src/keys/key-file.ts'
import { writeCitizen } from '../support/finger-images.ts'
import { until } from '../support/until.ts'
import { buildCli } from './built-cli.ts'

t.setTimeout(300_000)
const NIK = '3171236108850001'
const root = join(import.meta.dirname, '../..')
const folder = t.testdir({ cli: {} })
const data = join(folder, 'state')
const tunggal = buildCli(join(folder, 'cli'))
execFileSync(join(root, 'scripts/build'))

function start(t: Test, ...words: string[]): ChildProcess {
  const child = spawn(process.execPath, [join(root, 'dist/tunggal.js'), ...words], { stdio: 'ignore' })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise(resolve => child.once('close', resolve))
  child.kill('SIGTERM')
  await ended
}

t.test('from the question to the kiosk', async t => {
  const broker = await startEmbeddedBroker()
  t.teardown(() => broker.stop())
  const url = `mqtt://127.0.0.1:${broker.port}`
  await tunggal('keys', 'init', '--demo', '--data', data)
  const config = join(folder, 'settings.json')
  await writeFile(config, JSON.stringify({ broker: { url }, ui: { port: 0 }, capture: { plan: [2, 7] } }))
  const where = ['--data', data, '--config', config]
  const abis = start(t, 'abis', 'serve', '--data', data, '--broker', url)
  const kiosk = start(t, 'run', ...where)
  await until(() => isThere(socketPath(data, 'kiosk')), 90_000)
  await until(() => isThere(socketPath(data, 'abis')), 90_000)
  const enrol = async (person: number) => {
    const images = await writeCitizen(join(folder, `person-${person}`), person, 0, 2)
    const words = ['--images', images, '--nik', NIK, '--wait', '120', ...where, '--json']
    const { lines, err } = await tunggal('enrol', ...words)
    return { id: String(lines.at(-1)?.id), status: lines.at(-1)?.status, err }
  }
  const first = await enrol(5)
  t.equal(first.status, 'PRINT_READY_RECORD', first.err)
  const stranger = await enrol(6)
  t.equal(stranger.status, 'ADJUDICATE_RECORD', stranger.err)
  const { id } = stranger

  const adjudicate = (...words: string[]) => tunggal('abis', 'adjudicate', ...words, '--data', data, '--json')
  const list = await adjudicate('list')
  t.match(list.lines, [{ id, candidate: first.id, decided: 0, wanted: 2 }])
  t.notMatch(list.out, NIK)
  const picture = join(folder, 'pair.png')
  const shown = await adjudicate('show', id, '-o', picture)
  t.equal(shown.code, 0, shown.err)
  t.match(shown.lines, [
    {
      id,
      candidate: first.id,
      pairs: [
        { position: 2, score: Number },
        { position: 7, score: Number },
      ],
    },
  ])
  t.equal((await stat(picture)).mode & 0o777, 0o600)
  const { widthPx, heightPx } = readPng(await readFile(picture))
  t.ok(widthPx >= 600 && heightPx >= 600, 'two fingers beside two')

  for (const words of [[], ['--duplicate', '--distinct'], ['--duplicate', '--by', '']])
    t.equal(
      (await adjudicate('decide', id, ...words, ...(words.includes('--by') ? [] : ['--by', 'Ani']))).code,
      64,
    )
  const ani = await adjudicate('decide', id, '--distinct', '--by', 'Ani')
  t.match(ani.lines, [{ id, decided: 1, wanted: 1 }], ani.err)
  const again = await adjudicate('decide', id, '--duplicate', '--by', 'ani')
  t.equal(again.code, 65)
  t.match(again.err, /adjudication\/decided-before/)
  t.notMatch((await adjudicate('log')).out, 'distinct')

  await stop(abis)
  const alone = await adjudicate('decide', id, '--duplicate', '--by', 'Budi')
  t.match(alone.lines, [{ id, decided: 2, wanted: 1 }], 'beside an ABIS that does not run')
  start(t, 'abis', 'serve', '--data', data, '--broker', url)
  await until(() => isThere(socketPath(data, 'abis')), 90_000)
  const third = await adjudicate('decide', id, '--distinct', '--by', 'Citra')
  t.match(third.lines, [{ id, decided: 3, wanted: 0, status: 'ENROLL_FAILURE_AT_CENTRAL' }], third.err)
  await until(async () => {
    const record = await tunggal('record', 'show', id, ...where, '--json')
    return record.lines[0]?.status === 'ENROLL_FAILURE_AT_CENTRAL'
  }, 60_000)
  t.same((await adjudicate('list')).lines, [])
  const log = await adjudicate('log')
  t.equal(log.code, 0)
  t.match(log.lines, [
    { who: 'Ani', answer: 'distinct', intact: true },
    { who: 'Budi', answer: 'duplicate', intact: true },
    { who: 'Citra', answer: 'distinct', intact: true, status: 'ENROLL_FAILURE_AT_CENTRAL' },
  ])
  await stop(kiosk)
})
