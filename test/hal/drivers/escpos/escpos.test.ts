import { join } from 'node:path'
import t from 'tap'
import { EscPosPrinter } from '../../../../hal/drivers/escpos/escpos.ts'
import { readLogo } from '../../../../hal/drivers/escpos/logo.ts'
import type { Receipt } from '../../../../hal/ports/receipt-printer.ts'
import { Duplex } from '../../../../hal/sim/duplex.ts'
import { EscPosSimulator } from '../../../../hal/sim/escpos-printer.ts'
import { EscPosTokens } from '../../../../hal/sim/escpos-tokens.ts'
import { receiptPicture } from '../../../../hal/sim/receipt-picture.ts'
import type { PrintedReceipt } from '../../../../hal/sim/receipt-printer.ts'
import { receiptText } from '../../../../hal/sim/receipt-text.ts'
import { KioskError } from '../../../../src/base/errors.ts'
import { encodePng } from '../../../../src/finger/image/encode-png.ts'
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

t.test('a logo from a file stands above every receipt, dot by dot', async t => {
  const widthPx = 104
  const heightPx = 150
  const pixels = Uint8Array.from({ length: widthPx * heightPx }, (_, i) => ((i * 7919) % 5 === 0 ? 20 : 240))
  const file = join(
    t.testdir({ 'logo.png': Buffer.from(encodePng({ widthPx, heightPx, pixels })) }),
    'logo.png',
  )
  const { clock, line, receipts } = bench()
  const logo = await readLogo(file, 384)
  const printer = new EscPosPrinter({ port: line.host, clock, logo: async () => logo })
  await clock.finish(printer.open())
  await clock.finish(printer.print([{ text: 'Halo' }], options()))
  const dots = pixels.map(grey => (grey < 128 ? 1 : 0))
  t.equal(receipts[0].text, receiptText([{ picture: { widthDots: widthPx, dots } }, { text: 'Halo' }], 32))
  t.same(receipts[0].png, receiptPicture([{ picture: { widthDots: widthPx, dots } }, { text: 'Halo' }], 384))
})

t.test('a logo that is none, or too large, is said so, and the printer does not open', async t => {
  const grey = (widthPx: number, heightPx: number) =>
    Buffer.from(encodePng({ widthPx, heightPx, pixels: new Uint8Array(widthPx * heightPx) }))
  const files = { 'text.png': 'no picture', 'wide.png': grey(400, 100), 'high.png': grey(100, 700) }
  const folder = t.testdir(files)
  for (const name of [...Object.keys(files), 'none.png'])
    await t.rejects(
      readLogo(join(folder, name), 384),
      { code: 'config/bad-value', details: { where: 'logo' } },
      name,
    )
  const { clock, line } = bench()
  const fault = new KioskError('config/bad-value', { where: 'logo' })
  const printer = new EscPosPrinter({ port: line.host, clock, logo: () => Promise.reject(fault) })
  await t.rejects(clock.finish(printer.open()), fault)
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
