/** Goal: every language says everything, so that nobody meets a gap in the middle of a visit. */
import t from 'tap'
import { pageTexts } from '../../src/ui/texts/texts.ts'

/** Every text with its path; texts with numbers or names in them are called with some. */
function leaves(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]]
  if (typeof value === 'function') return leaves(value('3', '10'), `${path}()`)
  return Object.entries(value as object).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`))
}

t.test('all languages have the same texts, none empty', async t => {
  const { id, ...others } = pageTexts
  const paths = leaves(id).map(([path]) => path)
  t.ok(paths.length > 100)
  for (const [language, texts] of Object.entries(others))
    t.same(
      leaves(texts).map(([path]) => path),
      paths,
      language,
    )
  for (const [language, texts] of Object.entries(pageTexts))
    for (const [path, text] of leaves(texts)) t.ok(text.trim().length > 0, `${language}${path}`)
})

t.test('a text that takes a name or a number says it', async t => {
  for (const texts of Object.values(pageTexts)) {
    t.match(texts.place('XYZ'), 'XYZ')
    t.match(texts.wrongFinger('XYZ'), 'XYZ')
    t.match(texts.resembles('XYZ'), 'XYZ')
    t.match(texts.stillThereHint(17), '17')
    t.match(texts.consent('XYZ').join(), 'XYZ')
    t.equal(texts.fingers.length, 10)
    t.equal(texts.months.length, 12)
  }
})

t.test('no two languages say the same where they should differ', async t => {
  const english = new Map(leaves(pageTexts.en))
  const same = leaves(pageTexts.id).filter(([path, text]) => english.get(path) === text)
  t.same(
    same.map(([path]) => path),
    ['.months.3', '.months.8', '.months.10'],
  )
})
