/**
 * Everything that the engine makes of some images, as a line of hex digests each: run on two kinds of processor, the
 * lines must be equal. Paths of images are its arguments; without any it makes synthetic fingers.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  compare,
  decodeImage,
  extract,
  type Frame,
  nativeMeasures,
  qualityMap,
  resample,
  type Template,
} from '../../../src/finger/index.ts'
import { Gallery } from '../../../src/finger/prefilter/gallery.ts'
import { GallerySearch } from '../../../src/finger/prefilter/gallery-search.ts'
import { syntheticFinger } from '../../../src/finger/synthetic/finger.ts'
import { impression } from '../../../src/finger/synthetic/impression.ts'

/** What is worked on long is worked on once: an emulated processor is slow. */
const LONG_LOOKS = 1
const INDEX_SIZE = 60
const SHORTLIST = 20

function digest(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex').slice(0, 32)
}

function digestOf(template: Template): string {
  const { xPx, yPx, directionRad, kind, reliability, orientation } = template
  const numbers = [xPx, yPx, directionRad, reliability].map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  )
  const map = orientation === undefined ? [] : [orientation.angle, orientation.coherence]
  return digest(...numbers, kind, ...map, String(template.quality))
}

function images(): { name: string; frame: Frame }[] {
  const paths = process.argv.slice(2)
  if (paths.length > 0)
    return paths.map(path => ({
      name: path.split('/').slice(-2).join('/'),
      frame: decodeImage(readFileSync(path)),
    }))
  const finger = syntheticFinger(1)
  return [0, 1].map(seed => ({ name: `synthetic ${seed}`, frame: impression(finger, { seed, noise: 0.1 }) }))
}

const templates = images().map(({ name, frame }, index) => {
  const { template, quality } = extract(frame)
  console.log(`${name} image ${digest(frame.pixels)} template ${digestOf(template)}`)
  console.log(`${name} quality ${digest(JSON.stringify(quality))}`)
  if (index < LONG_LOOKS) {
    console.log(`${name} other dpi ${digest(resample({ ...frame, resolutionDpi: 569 }, 500).pixels)}`)
    console.log(`${name} map ${digest(qualityMap(frame).values)}`)
    console.log(`${name} native ${digest(JSON.stringify(nativeMeasures(frame, template)))}`)
  }
  return template
})
const scores = templates.flatMap((a, i) => templates.slice(i + 1).map(b => compare(a, b)))
console.log(`${scores.length} comparisons ${digest(JSON.stringify(scores))}`)
const gallery = new Gallery()
for (let i = 0; i < INDEX_SIZE; i++) gallery.add(String(i), templates[i % templates.length])
const index = new GallerySearch()
index.open(gallery.memories, 1)
const likeness = index.resemblance(templates[0])
const shortlist = index.shortlist(templates[0], SHORTLIST)
console.log(`index ${digest(JSON.stringify([...likeness]))} shortlist ${digest(JSON.stringify(shortlist))}`)
