/** Goal: the paper is complete, true when offline, and names nobody. */
import t from 'tap'
import { receiptText } from '../../hal/sim/receipt-text.ts'
import { receiptLines } from '../../src/enrolment/receipt.ts'
import { receiptTexts } from '../../src/enrolment/texts/texts.ts'
import { parseNik } from '../../src/record/nik.ts'
import { parseReceiptCode, receiptCode } from '../../src/record/receipt-code.ts'

const recordId = '019abcde-f012-7345-8678-9abcdef01234'
const parts = {
  kiosk: { id: 'kiosk-0001', site: 'Kelurahan Menteng', timeZone: 'Asia/Makassar' },
  language: 'id',
  recordId,
  nik: parseNik('3171234567890001'),
  atMs: Date.UTC(2026, 10, 25, 2, 30),
  fingers: [
    { position: 1, sample: 1, score: 80, attempts: 1, forced: false },
    { position: 2, sample: 2, score: 20, attempts: 3, forced: true },
    { position: 3, exception: 'missing' },
  ],
  offline: true,
} as const

t.test('a receipt says who keeps what, when, and what comes next', async t => {
  const text = receiptText(receiptLines(parts), 42)
  for (const part of [
    'Kelurahan Menteng',
    'kiosk-0001',
    recordId,
    '************0001',
    '25 November 2026',
    '10.30 WITA',
    '2 jari terekam',
    '1 jari dikecualikan',
    'Belum terkirim',
  ])
    t.match(text, part)
  t.notMatch(text, /3171/)
  t.match(
    receiptLines(parts).find(line => 'qr' in line),
    { qr: `tunggal:1:${recordId}` },
  )
})

t.test('every language says the same things', async t => {
  for (const language of ['id', 'en'] as const) {
    for (const offline of [true, false]) {
      const texts = receiptTexts[language]
      const text = JSON.stringify(receiptLines({ ...parts, language, offline }))
      t.match(text, offline ? texts.offline : texts.online)
      t.notMatch(text, offline ? texts.online : texts.offline)
      t.match(text, texts.next)
    }
  }
})

t.test('all languages have all keys, none empty', async t => {
  const { id, ...others } = receiptTexts
  for (const texts of Object.values(others)) t.same(Object.keys(texts).sort(), Object.keys(id).sort())
  for (const texts of Object.values(receiptTexts))
    for (const [key, text] of Object.entries({ ...texts, ...texts.slip })) {
      if (text === texts.slip) continue
      t.ok(typeof text === 'function' ? text(2).includes('2') : Object.keys(text).length > 0, key)
    }
})

t.test('a receipt without anything to explain explains nothing', async t => {
  const text = receiptText(receiptLines({ ...parts, fingers: [parts.fingers[0]] }), 42)
  t.notMatch(text, /dikecualikan|bermutu rendah/)
})

t.test('only our own codes are read', async t => {
  t.equal(parseReceiptCode(receiptCode(recordId)), recordId)
  for (const text of [
    '',
    recordId,
    `tunggal:2:${recordId}`,
    'tunggal:1:',
    `tunggal:1:${recordId}x`,
    'https://x',
  ])
    t.equal(parseReceiptCode(text), undefined)
})
