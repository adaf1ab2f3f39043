/**
 * Goal: no certificate drops out of the ledger, however many processes certify and revoke at once; a lock that nobody
 * holds any more keeps nobody out.
 * Method: real processes that certify side by side on one folder; locks of the dead and of another boot put there.
 */
import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { systemClock as clock } from '../../src/base/clock.ts'
import { Authority } from '../../src/keys/authority.ts'
import { withLedger } from '../../src/keys/ledger-lock.ts'
import { initKeys } from '../../src/keys/make-keys.ts'
import { newKey } from '../../src/keys/pem.ts'
import { buildCli } from '../cli/built-cli.ts'

t.setTimeout(180_000)
const data = t.testdir({ cli: {} })
await initKeys(data, { clock })
const ca = join(data, 'keys/kiosk-ca')
const lock = join(ca, 'issued.lock')
const BOOT = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()

t.test('side by side', async t => {
  const tunggal = buildCli(join(data, 'cli'))
  const names = Array.from({ length: 6 }, (_, index) => `kiosk-000${index}`)
  const issued = names.map(name => tunggal('keys', 'issue', name, '--data', data))
  const authority = await Authority.open(ca, clock)
  for (let round = 0; round < 10; round++)
    await authority.certify({ name: `kiosk-x${round}00`, role: 'kiosk', publicKey: newKey().publicKey })
  for (const { code, err } of await Promise.all(issued)) t.equal(code, 0, err)
  const { list } = await Authority.open(ca, clock)
  t.equal(list.length, 16)
  for (const name of names)
    t.ok(
      list.some(entry => entry.name === name),
      name,
    )
  t.same(
    (await readdir(ca)).filter(name => name.startsWith('issued')),
    ['issued.jsonl'],
    'no lock is left',
  )
})

t.test('what the dead and a power cut left behind', async t => {
  const { child } = promisify(execFile)(process.execPath, ['--version'])
  const dead = child.pid
  await new Promise(resolve => child.once('close', resolve))
  for (const left of [`${BOOT} ${dead}`, 'another-boot 1', `another-boot ${process.pid}`]) {
    await writeFile(lock, left)
    t.equal(await withLedger(ca, clock, async () => 'done'), 'done', left)
  }
})

t.test('who holds it keeps the others waiting, not for ever', async t => {
  const order: string[] = []
  let release = () => {}
  let first: Promise<void> | undefined
  await new Promise<void>(isHeld => {
    first = withLedger(ca, clock, async () => {
      await new Promise<void>(resolve => {
        release = resolve
        isHeld()
      })
      order.push('first')
    })
  })
  const elsewhere = { monotonicMs: () => performance.now(), sleep: async () => release() }
  await withLedger(ca, elsewhere, async () => order.push('second'))
  await first
  t.same(order, ['first', 'second'])
  await writeFile(lock, `${BOOT} ${process.pid}`)
  let nowMs = 0
  const impatient = { monotonicMs: () => (nowMs += 20_000), sleep: async () => {} }
  await t.rejects(
    withLedger(ca, impatient, async () => {}),
    { code: 'keys/busy' },
  )
})
