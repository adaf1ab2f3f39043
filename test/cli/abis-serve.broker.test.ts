/**
 * Goal: an ABIS that is served is backed up and takes sticks without being stopped, and what comes that way is searched
 * at once.
 * Method: the shipped commands as processes, on a broker of the test's own.
 */
import { spawn } from 'node:child_process'
import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import t from 'tap'
import { startEmbeddedBroker } from '../../scripts/embedded-broker.ts'
import { socketPath } from '../../src/cli/local/ask-local.ts'
import { bundle } from '../support/bundle.ts'
import { writeCitizen } from '../support/finger-images.ts'
import { until } from '../support/until.ts'
import { buildCli } from './built-cli.ts'

t.setTimeout(300_000)

const there = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

t.test('backup and import beside an ABIS that is served', async t => {
  const folder = t.testdir()
  const tunggal = buildCli(join(folder, 'cli'))
  const data = join(folder, 'state')
  await tunggal('keys', 'init', '--demo', '--data', data)
  const broker = await startEmbeddedBroker()
  t.teardown(() => broker.stop())
  const program = bundle('src/cli/main.ts', join(folder, 'served'))
  const licence = join(folder, 'licence.json')
  const lastDay = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10)
  await writeFile(licence, `{"unit":"records","perSecond":1000,"until":"${lastDay}"}`)
  const words = ['abis', 'serve', '--data', data, '--broker', broker.url, '--licence', licence]
  const served = spawn(process.execPath, [program, ...words], { stdio: 'ignore' })
  const ended = new Promise<number | null>(resolve => served.once('close', resolve))
  t.teardown(() => served.kill('SIGKILL'))
  await until(() => there(socketPath(data, 'abis')))

  const stick = join(folder, 'stick')
  const images = await writeCitizen(join(folder, 'images'), 6, 0, 2)
  const enrolment = ['--images', images, '--nik', '3171011708850006', '--data', data]
  const enrolled = await tunggal('enrol', ...enrolment, '--broker', 'mqtt://127.0.0.1:9', '--json')
  const { id } = enrolled.lines[0]
  await tunggal('outbox', 'export', stick, '--data', data)
  const imported = await tunggal('abis', 'import', stick, '--data', data, '--json')
  t.match(imported, { code: 0, err: '', lines: [{ id, new: true }] })
  const status = ['abis', 'status', '--data', data, '--broker', broker.url, '--json']
  await until(async () => (await tunggal(...status)).lines[0]?.prr === 1)
  const inside = await tunggal('abis', 'status', '--data', data, '--broker', 'mqtt://127.0.0.1:9')
  t.equal(inside.code, 0, 'no second connection under its name')
  t.match(inside.out, /print-ready 1\n[\s\S]*warning: licence until \d{4}-\d\d-\d\d 00:00 UTC/)

  const prints = join(data, 'prints')
  const [kiosk] = (await readdir(join(prints, 'kiosks'))).map(name => basename(name, '.pem'))
  const slip = join(folder, 'slip.pdf')
  await writeFile(slip, '%PDF-1.4')
  t.equal((await tunggal('abis', 'print', String(id), slip, '--kiosk', kiosk, '--data', data)).code, 0)
  const waiting = await readdir(join(prints, 'out', kiosk))
  t.equal(waiting.length, 1)

  const backup = join(folder, 'backup')
  t.match(await tunggal('abis', 'backup', backup, '--data', data, '--json'), { code: 0, err: '' })
  t.match(await tunggal('abis', 'restore', backup, '--data', data), { code: 69 }, 'not under its feet')
  t.equal((await tunggal('outbox', 'import-receipts', stick, '--data', data)).code, 0)
  served.kill('SIGTERM')
  t.equal(await ended, 0)
  await rm(prints, { recursive: true })
  t.match(await tunggal('abis', 'restore', backup, '--data', data, '--json'), { code: 0, err: '' })
  t.same(await readdir(join(prints, 'out', kiosk)), waiting, 'what waits for its printer is in the backup')
  t.same(await readdir(join(prints, 'kiosks')), [`${kiosk}.pem`])
  t.match(await tunggal('abis', 'import', stick, '--data', data, '--json'), { lines: [{ id, new: false }] })
})
