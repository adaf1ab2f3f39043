/** Goal: the driver works with a printer that is not ours: the reference printer of IPP Everywhere. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { IppPrinter } from '../../../../hal/drivers/ipp/ipp.ts'
import { A4 } from '../../../../hal/ports/document-printer.ts'
import { httpIpp } from '../../../../hal/transport/ipp-http.ts'
import { systemClock } from '../../../../src/base/clock.ts'
import { testPage } from '../../../../src/health/test-page.ts'
import { type RealPrinter, startIppEvePrinter } from '../../../support/ippeveprinter.ts'
import { until } from '../../../support/until.ts'

t.setTimeout(180_000)
let real: RealPrinter
let printer: IppPrinter
const slip = { bytes: testPage(A4), format: 'application/pdf', media: A4 }
const options = (more = {}) => ({ timeoutMs: 60_000, signal: new AbortController().signal, ...more })

t.before(async () => {
  real = await startIppEvePrinter(t)
  printer = new IppPrinter({ exchange: httpIpp(real.url), clock: systemClock, url: real.url })
  await printer.open()
})
t.teardown(() => printer?.close())

/** A job that begins and waits to come out. */
async function heldJob(more = {}): Promise<{ ended: Promise<void> }> {
  real.hold()
  const ended = printer.print(slip, options(more))
  ended.catch(() => {})
  await new Promise(resolve => setTimeout(resolve, 500))
  return { ended }
}

t.test('a page comes out as it was sent', async t => {
  t.match(await printer.status(), { paper: 'ok', coverOpen: false })
  t.ok((await printer.status()).media.includes(A4))
  await printer.print(slip, options())
  t.same(real.printed(), [Buffer.from(slip.bytes)])
  t.ok((await printer.diagnose(options())).length > 0)
})

t.test('media that are not there, and a format that it has not', async t => {
  const legal = { ...slip, media: 'na_legal_8.5x14in' }
  await t.rejects(printer.print(legal, options()), { code: 'hal/wrong-media' })
  const card = { ...slip, media: 'custom_id-1_53.98x85.6mm' }
  await t.rejects(printer.print(card, options()), { code: 'hal/wrong-media' })
  const picture = { ...slip, format: 'image/jpeg' }
  await t.rejects(printer.print(picture, options()), { code: 'hal/unsupported' })
  t.equal(real.printed().length, 1)
})

t.test('paper ends in the middle: given up, or waited for', async t => {
  const { ended } = await heldJob()
  real.report('+', 'media-empty')
  await t.rejects(ended, { code: 'hal/paper-out' })
  real.report('-', 'media-empty')
  await real.release()
  await until(async () => (await printer.status()).paper === 'ok')
  const before = real.printed().length
  const again = await heldJob({ refillMs: 50_000 })
  real.report('+', 'media-empty')
  await until(async () => (await printer.status()).paper === 'low')
  await new Promise(resolve => setTimeout(resolve, 17_000))
  real.report('-', 'media-empty')
  await real.release()
  await again.ended
  t.equal(real.printed().length, before + 1)
})

t.test('its cover is opened in the middle', async t => {
  const { ended } = await heldJob()
  real.report('+', 'cover-open')
  await t.rejects(ended, { code: 'hal/cover-open' })
  await until(async () => (await printer.status()).coverOpen)
  real.report('-', 'cover-open')
  await real.release()
  await until(async () => !(await printer.status()).coverOpen)
})

t.test('where nobody listens, or no printer, that is said', async t => {
  const web = createServer((_, response) => response.end('<html>')).listen(0, '127.0.0.1')
  await once(web, 'listening')
  const { port } = web.address() as AddressInfo
  for (const url of ['ipp://localhost:9/ipp/print', `ipp://127.0.0.1:${port}/ipp/print`]) {
    const nobody = new IppPrinter({ exchange: httpIpp(url), clock: systemClock, url })
    await t.rejects(nobody.open(), { code: 'hal/no-answer' })
  }
  web.close()
})

t.test('a printer that is busy with another job takes ours when that is done', async t => {
  const other = await heldJob()
  const second = new IppPrinter({ exchange: httpIpp(real.url), clock: systemClock, url: real.url })
  await second.open()
  const waiting = second.print(slip, options())
  const before = real.printed().length
  await new Promise(resolve => setTimeout(resolve, 1500))
  await real.release()
  await Promise.all([other.ended, waiting])
  t.equal(real.printed().length, before + 2)
  await second.close()
})
