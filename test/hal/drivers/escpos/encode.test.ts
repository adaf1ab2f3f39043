import t from 'tap'
import {
  ASK_WHEN_PRINTED,
  askStatus,
  encodeReceipt,
  isCoverOpen,
  kindOfReply,
  paperOf,
} from '../../../../hal/drivers/escpos/encode.ts'
import type { ReceiptLine } from '../../../../hal/ports/receipt-printer.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const START = '1b401b7400'
const CUT = '1d564200'
const PLAIN = '1b61001b45001d2100'

t.test('a receipt as the command reference has it', async t => {
  const cases: [string, ReceiptLine, string][] = [
    ['text', { text: 'Hai' }, `1b61001b45001d2100${Buffer.from('Hai\n').toString('hex')}${PLAIN}`],
    [
      'centred, bold, large',
      { text: 'A', align: 'centre', bold: true, large: true },
      `1b61011b45011d2111410a${PLAIN}`,
    ],
    ['a rule', { rule: true }, 'c4c4c4c40a'],
    ['a feed', { feedLines: 3 }, '1b6403'],
    [
      'a picture, ten dots wide and two high',
      {
        picture: {
          widthDots: 10,
          dots: Uint8Array.from([1, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]),
        },
      },
      '1b6101' + '1d763000' + '02000200' + 'a180' + '4040' + '1b6100',
    ],
    [
      'a QR code',
      { qr: 'abc' },
      [
        '1b6101',
        '1d286b0400' + '31413200',
        '1d286b0300' + '314306',
        '1d286b0300' + '314531',
        '1d286b0600' + '315030616263',
        '1d286b0300' + '315130',
        '1b6100',
      ].join(''),
    ],
  ]
  for (const [name, line, expected] of cases)
    t.equal(hex(encodeReceipt([line], 4)), START + expected + CUT, name)
})

t.test('text is wrapped to the paper, large text to half of it', async t => {
  const rows = (line: ReceiptLine) => encodeReceipt([line], 8).filter(byte => byte === 0x0a).length
  t.equal(rows({ text: 'satu dua tiga' }), 2)
  t.equal(rows({ text: 'satu dua tiga', large: true }), 3)
})

t.test('letters outside ASCII lose their accents or become question marks; controls cannot pass', async t => {
  const text = Buffer.from(encodeReceipt([{ text: 'é “x” \u001b@ 漢' }], 32)).toString('latin1')
  t.match(text, 'e ?x? ?@ ?')
})

t.test('replies are told apart by their fixed bits', async t => {
  t.equal(hex(askStatus('offline')), '100402')
  t.equal(hex(askStatus('paper')), '100404')
  t.equal(hex(ASK_WHEN_PRINTED), '1d7201')
  for (const status of [0x12, 0x16, 0x32, 0x1e, 0x7e]) t.equal(kindOfReply(status), 'status')
  for (const printed of [0x00, 0x03, 0x0c, 0x0f]) t.equal(kindOfReply(printed), 'printed')
  for (const other of [0x11, 0x13, 0xff, 0x92, 0x10]) t.equal(kindOfReply(other), 'other')
  t.same([0x12, 0x16].map(isCoverOpen), [false, true])
  t.same([0x12, 0x1e, 0x72, 0x7e].map(paperOf), ['ok', 'low', 'out', 'out'])
})
