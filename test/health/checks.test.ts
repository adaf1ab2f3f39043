/**
 * Goal: each check of the doctor is green for what works, and red with a remedy for what does not.
 * Method: real files, real sockets, and certificates made on the spot; sysfs is a folder of the test.
 */
import { once } from 'node:events'
import { mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../../src/base/clock.ts'
import { brokerCheck } from '../../src/health/broker-check.ts'
import { canServe, fault, fine } from '../../src/health/check.ts'
import { diskHealthCheck } from '../../src/health/disk-health.ts'
import { certificateCheck } from '../../src/health/key-checks.ts'
import { clockCheck, spaceCheck } from '../../src/health/machine-checks.ts'
import { demoKeys } from '../support/demo-keys.ts'

const DAY_MS = 86_400_000

t.test('only a vital fault keeps citizens away', async t => {
  t.ok(canServe([fine('a', ''), fine('b', '', { vital: true }), fault('c', '', 'mend it')]))
  t.notOk(canServe([fine('a', ''), fault('b', '', 'mend it', { vital: true })]))
})

t.test('the clock: years in which there is no kiosk are a fault', async t => {
  t.ok(clockCheck(Date.UTC(2026, 10, 25)).ok)
  t.match(clockCheck(0), { ok: false, detail: /1970/, remedy: /battery/ })
  t.match(clockCheck(Date.UTC(2150, 0)), { ok: false })
})

t.test('disk space: enough, too little, not there', async t => {
  const folder = t.testdir({ file: 'x' })
  t.match(await spaceCheck(folder, 1), { ok: true, vital: true })
  t.match(await spaceCheck(folder, Number.MAX_SAFE_INTEGER), {
    ok: false,
    vital: true,
    detail: /must stay free/,
  })
  t.match(await spaceCheck(join(folder, 'none'), 1), { ok: false, detail: /not there \(ENOENT\)/ })
  t.match(await spaceCheck(join(folder, 'file/x'), 1), { ok: false, detail: /no folder \(ENOTDIR\)/ })
})

t.test('disk health: errors of the file system, and wear of an eMMC', async t => {
  const folder = t.testdir({ data: {}, sys: { block: { mmcblk0: { device: {}, mmcblk0p2: {} } } } })
  const sys = join(folder, 'sys')
  t.match(await diskHealthCheck(folder, sys), { ok: true, detail: /no block device/ })
  const { dev } = await stat(folder)
  // As Linux shows small numbers: eight bits of minor, the rest is major.
  const number = `${(dev >> 8) & 0xfff}:${dev & 0xff}`
  await mkdir(join(sys, 'dev/block'), { recursive: true })
  await symlink('../../block/mmcblk0/mmcblk0p2', join(sys, 'dev/block', number))
  t.match(await diskHealthCheck(folder, sys), { ok: true, detail: /mmcblk0p2.*does not tell its wear/ })

  const life = (text: string) => writeFile(join(sys, 'block/mmcblk0/device/life_time'), text)
  await life('0x02 0x03\n')
  t.match(await diskHealthCheck(folder, sys), { ok: true, detail: /at most 30 %/ })
  await life('0x02 0x0a\n')
  t.match(await diskHealthCheck(folder, sys), { ok: false, detail: /100 % of its life/, remedy: /replace/ })
  await life('0x01 0x01\n')
  await mkdir(join(sys, 'fs/ext4/mmcblk0p2'), { recursive: true })
  await writeFile(join(sys, 'fs/ext4/mmcblk0p2/errors_count'), '7\n')
  t.match(await diskHealthCheck(folder, sys), { ok: false, detail: /met 7 errors/ })
})

t.test('certificates: valid, soon to end, ended, not yet begun', async t => {
  const { certificate } = (await demoKeys(t, systemClock)).kioskKeys
  const from = new Date(certificate.validFrom).getTime()
  const until = new Date(certificate.validTo).getTime()
  const at = (nowMs: number) => certificateCheck('this kiosk', certificate, nowMs)
  t.match(at(from + DAY_MS), { check: 'certificate of this kiosk', ok: true, vital: false })
  t.match(at(until - 10 * DAY_MS), { ok: false, detail: /in 10 days/, remedy: /KEYS/ })
  t.match(at(until + DAY_MS), { ok: false, detail: /expired/ })
  t.match(at(from - DAY_MS), { ok: false, detail: /not valid before/, remedy: /clock/ })
})

t.test('the broker: there, not there, without an answer to TLS, and not letting in', async t => {
  const server = createServer(socket => socket.on('error', () => {}).once('data', () => socket.destroy()))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  t.match(await brokerCheck(`mqtt://127.0.0.1:${port}`, {}), { ok: true, detail: /answers without TLS/ })
  t.match(await brokerCheck(`mqtt://127.0.0.1:${port}`, { isLoggedIn: false }), {
    ok: false,
    detail: /does not let this kiosk in/,
  })
  t.match(await brokerCheck('mqtt://127.0.0.1:9', {}), { ok: false, detail: /ECONNREFUSED/, vital: false })
  t.match(await brokerCheck(`mqtts://127.0.0.1:${port}`, {}), { ok: false, detail: /no keys/ })
  const { tls } = (await demoKeys(t, systemClock)).kioskKeys
  t.match(await brokerCheck(`mqtts://127.0.0.1:${port}`, { tls }), { ok: false, detail: /127\.0\.0\.1/ })
})
