import t from 'tap'
import { EscPosPrinter } from '../../../../hal/drivers/escpos/escpos.ts'
import type { Receipt } from '../../../../hal/ports/receipt-printer.ts'
import { Duplex } from '../../../../hal/sim/duplex.ts'
import { EscPosSimulator } from '../../../../hal/sim/escpos-printer.ts'
import { EscPosTokens } from '../../../../hal/sim/escpos-tokens.ts'
import type { PrintedReceipt } from '../../../../hal/sim/receipt-printer.ts'
import { receiptText } from '../../../../hal/sim/receipt-text.ts'
import { Random } from '../../../../src/finger/synthetic/random.ts'
import { diagnosableContract } from '../../../contract/diagnosable.ts'
import { receiptPrinterContract } from '../../../contract/receipt-printer.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

function bench() {
  const clock = new ManualClock()
  const line = new Duplex(clock)
  const receipts: PrintedReceipt[] = []
  const simulator = new EscPosSimulator({
    line: line.part,
    clock,
    onReceipt: receipt => receipts.push(receipt),
  })
  const printer = new EscPosPrinter({ port: line.host, clock })
  return { clock, line, receipts, simulator, printer }
}

receiptPrinterContract('the ESC/POS driver', async () => {
  const { clock, receipts, simulator, printer } = bench()
  return {
    printer,
    clock,
    setPaper(lines) {
      simulator.paperLines = lines
    },
    setCover(position) {
      simulator.coverOpen = position === 'open'
    },
    setSilent: silent => simulator.setSilent(silent),
    printed: () => receipts.map(receipt => receipt.text),
  }
})

diagnosableContract('the ESC/POS driver', async () => {
  const { clock, simulator, printer } = bench()
  return { part: printer, clock, setSilent: silent => simulator.setSilent(silent) }
})

const receipt: Receipt = [
  { text: 'TUNGGAL', align: 'centre', bold: true, large: true },
  { rule: true },
  { text: 'Sidik jari Anda sudah direkam dan sedang dikirim ke pusat.' },
  { qr: 'tunggal:0198f3c2-7d4e-7000-a1b2-0123456789ab' },
  { feedLines: 2 },
  { text: 'Terima kasih', align: 'centre' },
]
const options = (timeoutMs = 10_000) => ({ timeoutMs, signal: new AbortController().signal })

t.test('what comes out is what went in', async t => {
  const { clock, receipts, printer } = bench()
  await clock.finish(printer.open())
  await clock.finish(printer.print(receipt, options()))
  t.equal(receipts.length, 1)
  t.equal(receipts[0].text, receiptText(receipt, 32))
})

t.test('paper that ends in the middle: half a receipt never comes out above the next one', async t => {
  const { clock, receipts, simulator, printer } = bench()
  await clock.finish(printer.open())
  simulator.paperLines = 3
  await t.rejects(clock.finish(printer.print(receipt, options())), { code: 'hal/paper-out' })
  simulator.paperLines = 1000
  await clock.finish(printer.print([{ text: 'Yang berikut' }], options()))
  t.same(
    receipts.map(({ text }) => text),
    ['Yang berikut\n'],
  )
})

t.test('a cord pulled while printing: no answer soon; plugged back, it prints', async t => {
  const { clock, line, receipts, simulator, printer } = bench()
  await clock.finish(printer.open())
  const printing = printer.print(receipt, options())
  await clock.advance(60)
  line.cut()
  simulator.setSilent(true)
  await t.rejects(clock.finish(printing), { code: 'hal/no-answer' })
  t.ok(clock.monotonicMs() < 2500)
  await t.rejects(clock.finish(printer.status()), { code: 'hal/no-answer' })
  line.mend()
  simulator.setSilent(false)
  await clock.finish(printer.print(receipt, options()))
  t.equal(receipts.length, 1)
})

t.test('a fault of its own is told with what to look for', async t => {
  const { clock, simulator, printer } = bench()
  await clock.finish(printer.open())
  simulator.fault = 'cutter'
  const stuck = { code: 'hal/part-fault', details: { cutter: true, unrecoverable: false } }
  await t.rejects(clock.finish(printer.print(receipt, options())), stuck)
  await t.rejects(clock.finish(printer.diagnose(options())), stuck)
  simulator.fault = 'offline'
  await t.rejects(clock.finish(printer.print(receipt, options())), {
    code: 'hal/part-fault',
    details: { offline: true },
  })
  simulator.fault = 'none'
  await clock.finish(printer.print(receipt, options()))
})

t.test('a technician learns of paper that ends soon', async t => {
  const { clock, simulator, printer } = bench()
  await clock.finish(printer.open())
  simulator.paperLines = 20
  t.match(await clock.finish(printer.diagnose(options())), [
    { name: 'model' },
    { name: 'paper', value: 'low' },
  ])
  simulator.paperLines = 0
  await t.rejects(clock.finish(printer.diagnose(options())), { code: 'hal/paper-out' })
})

t.test('a line that takes no more bytes: the receipt ends in time, and so do questions', async t => {
  const { clock, line } = bench()
  let stuck = false
  const port = {
    ...line.host,
    write: (bytes: Uint8Array) => (stuck ? new Promise<void>(() => {}) : line.host.write(bytes)),
  }
  const printer = new EscPosPrinter({ port, clock })
  new EscPosSimulator({ line: line.part, clock, onReceipt: () => {} })
  await clock.finish(printer.open())
  const printing = printer.print(receipt, options())
  await clock.advance(2)
  stuck = true
  await t.rejects(clock.finish(printing), { code: 'hal/no-answer' })
  t.ok(clock.monotonicMs() <= 10_000)
  await t.rejects(clock.finish(printer.status()), { code: 'hal/no-answer' })
  stuck = false
  await clock.finish(printer.print(receipt, options()))
  await printer.close()
})

t.test('status may be asked while a receipt prints', async t => {
  const { clock, receipts, printer } = bench()
  await clock.finish(printer.open())
  const printing = printer.print(receipt, options())
  await clock.advance(30)
  t.same(await clock.finish(printer.status()), { paper: 'ok', coverOpen: false })
  await clock.finish(printing)
  t.equal(receipts.length, 1)
})

t.test('100,000 random streams into the simulator’s reader: no crash, bounded memory', async t => {
  const random = new Random(80)
  const favourites = [0x10, 0x1b, 0x1d, 0x28, 0x6b, 0x04, 0x14, 0x0a]
  const tokens = new EscPosTokens()
  let count = 0
  for (let stream = 0; stream < 100_000; stream++) {
    const bytes = Uint8Array.from({ length: random.below(24) }, () =>
      random.below(2) === 0 ? favourites[random.below(favourites.length)] : random.below(256),
    )
    count += tokens.push(bytes).length
  }
  t.ok(count > 10_000)
  tokens.push(new Uint8Array(10_000).fill(0x0a))
  t.same(tokens.push(Uint8Array.of(0x41)), [{ name: 'text', parameters: [0x41] }], 'and it is in step again')
})
