/**
 * Goal: real fingers of all sensors come through: none is refused, minutiae are as many as people have.
 * Method: every image of the development sets.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { decodeImage } from '../../../src/finger/image/decode.ts'
import { extract } from '../../../src/finger/template/extract.ts'
import { dataTest } from '../../support/data.ts'

t.setTimeout(300_000) // 768 images, half a minute on a busy core

dataTest('no real finger is refused, nearly all are good enough', async (t, data) => {
  const sets = readdirSync(data).filter(name => /^(fvc\d{4}_db\d_b|upek)$/.test(name))
  t.ok(sets.length > 0)
  for (const set of sets) {
    const files = readdirSync(join(data, set)).filter(name => name.endsWith('.png'))
    const counts: number[] = []
    let accepted = 0
    for (const file of files) {
      const { template, quality } = extract(decodeImage(readFileSync(join(data, set, file))))
      counts.push(template.count)
      if (quality.accept) accepted++
    }
    counts.sort((a, b) => a - b)
    t.ok(counts[0] >= 8, `${set}: at least ${counts[0]} minutiae`)
    const median = counts[Math.floor(counts.length / 2)]
    t.ok(median >= 25 && median <= 70, `${set}: ${median} minutiae in the middle`)
    t.ok(accepted > 0.75 * files.length, `${set}: ${accepted} of ${files.length} accepted`)
  }
})
