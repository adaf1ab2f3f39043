import { decode } from 'fast-png'
import decodeQR from 'qr/decode.js'
import t from 'tap'
import type { Receipt } from '../../../hal/ports/receipt-printer.ts'
import { receiptPicture } from '../../../hal/sim/receipt-picture.ts'
import { type PrintedReceipt, SimulatedReceiptPrinter } from '../../../hal/sim/receipt-printer.ts'
import { receiptText } from '../../../hal/sim/receipt-text.ts'
import { drawGlyph } from '../../../hal/sim/stroke-font.ts'
import { receiptPrinterContract } from '../../contract/receipt-printer.ts'
import { ManualClock } from '../../support/manual-clock.ts'

receiptPrinterContract('the simulated printer', async () => {
  const clock = new ManualClock()
  const receipts: PrintedReceipt[] = []
  const printer = new SimulatedReceiptPrinter({ clock, onReceipt: receipt => receipts.push(receipt) })
  return {
    printer,
    clock,
    setPaper: lines => printer.setPaper(lines),
    setCover: position => printer.setCover(position),
    setSilent: silent => printer.setSilent(silent),
    printed: () => receipts.map(receipt => receipt.text),
  }
})

t.test('a roll too short for the receipt ends in its middle', async t => {
  const clock = new ManualClock()
  const printer = new SimulatedReceiptPrinter({
    clock,
    paperLines: 2,
    onReceipt: () => t.fail('half a receipt'),
  })
  await printer.open()
  const receipt = [{ text: 'satu' }, { text: 'dua' }, { text: 'tiga' }]
  const options = { timeoutMs: 5000, signal: new AbortController().signal }
  await t.rejects(clock.finish(printer.print(receipt, options)), { code: 'hal/paper-out' })
  t.same(await printer.status(), { paper: 'out', coverOpen: false })
})

t.test('a receipt as text', async t => {
  const receipt: Receipt = [
    { text: 'TUNGGAL', align: 'centre' },
    { rule: true },
    { text: 'Status: terkirim ke pusat' },
    { feedLines: 2 },
  ]
  t.equal(receiptText(receipt, 16), '    TUNGGAL\n────────────────\nStatus: terkirim\nke pusat\n\n\n')
})

t.test('the QR code of the picture can be read by a scanner', async t => {
  const message = 'tunggal:0198f3c2-7d4e-7000-a1b2-0123456789ab'
  const { width, height, data, channels } = decode(receiptPicture([{ text: 'Halo' }, { qr: message }], 384))
  t.equal(width, 384)
  t.equal(channels, 1)
  const rgba = new Uint8Array(width * height * 4)
  for (let i = 0; i < width * height; i++) rgba.set([data[i], data[i], data[i], 255], 4 * i)
  t.equal(decodeQR({ width, height, data: rgba }), message)
})

t.test('the QR code of the text, drawn light on dark, holds the same modules', async t => {
  const rows = receiptText([{ qr: 'halo' }], 1)
    .trimEnd()
    .split('\n')
  const pixels = rows.flatMap(row => [
    [...row].map(c => (c === '█' || c === '▀' ? 255 : 0)),
    [...row].map(c => (c === '█' || c === '▄' ? 255 : 0)),
  ])
  const scale = 4
  const width = pixels[0].length * scale
  const height = pixels.length * scale
  const data = new Uint8Array(width * height * 4).fill(255)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const grey = pixels[Math.floor(y / scale)][Math.floor(x / scale)]
      data.set([grey, grey, grey], 4 * (y * width + x))
    }
  }
  t.equal(decodeQR({ width, height, data }), 'halo')
})

t.test('the font has every printable ASCII character, each its own; others print as a box', async t => {
  const seen = new Map<string, string>()
  const dots = (character: string) => drawGlyph(character, { bold: false, scale: 1 }).join('')
  for (let code = 32; code < 127; code++) {
    const character = String.fromCharCode(code)
    t.notOk(seen.has(dots(character)), `${character} looks like ${seen.get(dots(character))}`)
    seen.set(dots(character), character)
  }
  t.notOk(seen.has(dots('é')))
  t.equal(dots('é'), dots('漢'))
})

t.test('large letters are twice as large, bold ones have more ink', async t => {
  const printed = (style: object) => {
    const { data, width } = decode(receiptPicture([{ text: 'Halo', ...style }], 384))
    const places = [...data.keys()].filter(pixel => data[pixel] < 128)
    const columns = places.map(pixel => pixel % width)
    return { ink: places.length, widthDots: Math.max(...columns) - Math.min(...columns) + 1 }
  }
  t.ok(printed({ bold: true }).ink > 1.2 * printed({}).ink)
  t.ok(Math.abs(printed({ large: true }).widthDots - 2 * printed({}).widthDots) <= 2)
})
