/** Goal: pages come out whole and once, or the person before the printer is told why not. */
import t from 'tap'
import { IppPrinter } from '../../../../hal/drivers/ipp/ipp.ts'
import { A4 } from '../../../../hal/ports/document-printer.ts'
import { IppSimulator } from '../../../../hal/sim/ipp-printer.ts'
import { diagnosableContract } from '../../../contract/diagnosable.ts'
import { documentPrinterContract } from '../../../contract/document-printer.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

function make() {
  const clock = new ManualClock()
  let documents = 0
  const simulator = new IppSimulator({ clock, onDocument: () => documents++ })
  const printer = new IppPrinter({ exchange: simulator.exchange, clock, url: 'ipp://printer.test/ipp/print' })
  return { clock, simulator, printer, documents: () => documents }
}

diagnosableContract('an IPP printer', async () => {
  const { clock, printer, simulator } = make()
  return {
    part: printer,
    clock,
    setSilent: silent => {
      simulator.silent = silent
    },
  }
})

documentPrinterContract('an IPP printer', async () => {
  const { simulator, ...rest } = make()
  return {
    ...rest,
    setPaper: sheets => {
      simulator.sheets = sheets
    },
    setCover: position => {
      simulator.coverOpen = position === 'open'
    },
    setMedia: media => {
      simulator.media = media
    },
    setSilent: silent => {
      simulator.silent = silent
    },
    sheetsOut: () => simulator.sheetsOut,
    jobsUnderWay: () => simulator.jobsUnderWay,
  }
})

const request = () => ({ timeoutMs: 60_000, signal: new AbortController().signal })
const slip = { bytes: Buffer.from('/Type /Page /Type /Page'), format: 'application/pdf', media: A4 }

t.test('a network that is gone for a few seconds does not spoil a job', async t => {
  const { clock, printer, simulator, documents } = make()
  await clock.finish(printer.open())
  const printing = printer.print(slip, request())
  await clock.advance(300)
  simulator.silent = true
  await clock.advance(7000)
  simulator.silent = false
  await clock.finish(printing)
  t.equal(documents(), 1)
})

t.test('a job whose cancelling got no answer is cancelled before anything else is asked', async t => {
  const { clock, printer, simulator, documents } = make()
  await clock.finish(printer.open())
  const printing = printer.print(slip, request())
  await clock.advance(100)
  simulator.silent = true
  await t.rejects(clock.finish(printing, { limitMs: 60_000 }), { code: 'hal/no-answer' })
  t.equal(simulator.jobsUnderWay, 1)
  simulator.silent = false
  const next = clock.finish(printer.print({ ...slip, bytes: Buffer.from('another') }, request()))
  await next
  t.equal(documents(), 1, 'only the other one')
})

t.test('a jam is the printer’s own fault, in its words', async t => {
  const { clock, printer, simulator } = make()
  await clock.finish(printer.open())
  const printing = printer.print(slip, request())
  await clock.advance(100)
  simulator.jammed = true
  await t.rejects(clock.finish(printing), { code: 'hal/part-fault', details: { reasons: 'media-jam' } })
  await t.rejects(clock.finish(printer.diagnose(request())), { code: 'hal/part-fault' })
})
