/**
 * Goal: a technician plugs a certified scanner in, tries it, and learns what is wrong with it.
 * Method: the shipped command on the board file of `scripts/sbi-service`, with a simulated service on a free port.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { simulatedCitizen } from '../../../hal/sim/citizen.ts'
import { certified, makeDeviceKeys, pemOf } from '../../../hal/sim/device-certificates.ts'
import { SbiService } from '../../../hal/sim/sbi-service.ts'
import { serveSbi } from '../../../scripts/sbi/serve-sbi.ts'
import { boardOf } from '../../../scripts/sbi-service.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { buildCli } from '../built-cli.ts'

t.setTimeout(300_000)

const folder = t.testdir({ cli: {} })
const tunggal = buildCli(join(folder, 'cli'))
const [board, trust] = [join(folder, 'board.json'), join(folder, 'trust.pem')]
const here = ['--board', board, '--data', join(folder, 'none'), '--json']
const keys = await makeDeviceKeys(Date.now())
const service = new SbiService({ clock: systemClock, keys })
const served = await serveSbi(service, 0)
t.teardown(() => served.close())
writeFileSync(trust, pemOf(keys.roots))
writeFileSync(board, JSON.stringify(boardOf(served.port, trust)))

t.test('part test: live images, then a finger; nobody, and somebody who tampered', async t => {
  const frame = simulatedCitizen(4).place(2, 0)
  service.citizen = { place: () => frame }
  const { code, lines } = await tunggal('part', 'test', 'fingerprint', ...here)
  t.equal(code, 0)
  t.match(lines, [
    { part: 'fingerprint', liveImagesHz: Number },
    { part: 'fingerprint', widthPx: 300, heightPx: 400, resolutionDpi: 500, reason: 'ok' },
  ])
  t.ok(Number(lines[0].liveImagesHz) > 0)
  service.citizen = undefined
  const nobody = await tunggal('part', 'test', 'fingerprint', ...here, '--seconds', '2')
  t.match(nobody, { code: 69, err: /No finger was placed in time/ })
  service.captureError = 103
  const tampered = await tunggal('part', 'test', 'fingerprint', ...here, '--seconds', '2')
  t.match(tampered, { code: 69, err: /tampered.*send it to its provider/ })
  service.captureError = 0
})

t.test('doctor: what is wrong, and what to do', async t => {
  const scanner = async () => {
    const { lines } = await tunggal('doctor', ...here)
    return lines.find(({ check }) => check === 'part fingerprint')
  }
  t.match(await scanner(), { ok: true, detail: /Tunggal SIM-1.*key valid for (29|30) d/ })
  service.status = 'Not Registered'
  t.match(await scanner(), { ok: false, detail: /hal\/not-registered/, remedy: /management server/ })
  service.status = 'Ready'
  const others = await certified('Somebody else', { validity: { fromMs: 0, toMs: 4e12 }, ca: true })
  writeFileSync(trust, pemOf([others]))
  t.match(await scanner(), { ok: false, detail: /hal\/untrusted.*issuer/, remedy: /"trust" file/ })
  writeFileSync(trust, 'nothing')
  t.match(await scanner(), { ok: false, detail: /certificates in PEM/ })
})
