/** Goal: what the generated documents say is what the code says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { generatedDocs } from '../scripts/generate-docs.ts'

t.test('generated documents are up to date: npm run docs', async t => {
  for (const [path, text] of Object.entries(generatedDocs()))
    t.equal(readFileSync(join(import.meta.dirname, '..', path), 'utf8'), text, path)
})
