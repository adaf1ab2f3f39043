import t from 'tap'
import { wrapText } from '../../../hal/ports/wrap-text.ts'

t.test('text is broken at words, and words at the margin', async t => {
  t.same(wrapText('Sidik jari kanan', 10), ['Sidik jari', 'kanan'])
  t.same(wrapText('abcdefghijkl', 5), ['abcde', 'fghij', 'kl'])
  t.same(wrapText('ab cdefghijkl', 5), ['ab', 'cdefg', 'hijkl'])
  t.same(wrapText('', 5), [''])
  t.same(wrapText('a\nb', 5), ['a', 'b'])
})
