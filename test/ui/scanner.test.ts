/** Goal: what a scanner types is a code and nothing else, and what a person types is never taken for one. */
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { birthYear } from '../../src/ui/page/birth-year.ts'
import { nikIn, Scanner } from '../../src/ui/page/scanner.ts'

const NIK = '3171236108850001'

/** Types `keys` so many milliseconds apart; which of them were taken for a scanner's, and what came of it. */
function typed(keys: readonly string[], everyMs: number) {
  const codes: string[] = []
  const scanner = new Scanner(code => codes.push(code))
  const taken = keys.filter((key, index) => scanner.takes({ key, timeStamp: 1000 + index * everyMs }))
  return { codes, taken }
}

t.test('a code of any text is taken whole, with its Enter, whatever keys are in it', async t => {
  for (const code of [`NIK:${NIK};NAMA:BUDI`, 'https://example.org/a-b?c=*+/.', 'tunggal:1:019abcde'])
    t.same(typed([...code, 'Enter'], 5), { codes: [code], taken: [...code, 'Enter'] })
})

t.test('a code of digits arrives as digits; its Enter ends it and presses nothing', async t => {
  t.same(typed([...NIK, 'Enter'], 5), { codes: [NIK], taken: ['Enter'] })
})

t.test('a person types digits, moves, and chooses', async t => {
  t.same(typed(['+', '+', 'Enter', '*', '/'], 5), { codes: [], taken: [] }, 'also a contact that bounces')
  for (const everyMs of [16, 120, 900]) {
    const keys = [
      ...NIK,
      '.',
      '1',
      'Enter',
      '+',
      '-',
      '*',
      '/',
      'Enter',
      ' ',
      'Tab',
      'ArrowDown',
      'Backspace',
    ]
    t.same(typed(keys, everyMs), { codes: [], taken: [] }, `${everyMs} ms`)
  }
})

t.test('a code without Enter ends by itself, and two codes do not run together', async t => {
  const codes: string[] = []
  const scanner = new Scanner(code => codes.push(code))
  const type = (text: string, fromMs: number) =>
    [...text].map((key, index) => scanner.takes({ key, timeStamp: fromMs + index * 5 }))
  type('code A', 1000)
  type('code B', 3000)
  t.same(codes, ['code A'])
  await setTimeout(1200)
  t.same(codes, ['code A', 'code B'])
})

t.test('an endless code ends the memory for it, not the kiosk', async t => {
  const { codes } = typed(['x', ...'y'.repeat(100_000), 'Enter'], 1)
  t.equal(codes[0].length, 512)
})

t.test('the NIK in a code is found where it is the only one it can be', async t => {
  const found = [
    NIK,
    ` ${NIK}\t`,
    `NIK:${NIK};NAMA:BUDI;TGL:21081985`,
    `KK 3171230101150002 NIK ${NIK}`,
    `https://example.org/kk?nik=${NIK}`,
    '3171 2361 0885 0001',
    '317123-610885-0001',
    `${NIK}|${NIK}`,
  ]
  for (const code of found) t.equal(nikIn(code), NIK, code)
  for (const code of ['', 'tunggal:1:019abcde', `${NIK}1`, `${NIK} 3171230101150002`, '317123610885000'])
    t.equal(nikIn(code), undefined, code)
})

t.test('two digits of a year are a year of somebody who may have a card', async t => {
  const years = [
    [85, 2026, 1985],
    [10, 2026, 2010],
    [11, 2026, 1911],
    [26, 2026, 1926],
    [0, 2026, 2000],
    [99, 2026, 1999],
  ] as const
  for (const [digits, now, year] of years) t.equal(birthYear(digits, now), year)
  for (let digits = 0; digits < 100; digits++) {
    const year = birthYear(digits, 2031)
    t.ok(year % 100 === digits && year <= 2015 && year > 1915, `${digits} ${year}`)
  }
})
