/**
 * Goal: the map says where a sample is good, in blocks of the whole image.
 * Method: synthetic prints, whole, and with a place spoilt.
 */
import t from 'tap'
import { extract, type Frame, qualityMap } from '../../../src/finger/index.ts'
import { syntheticFinger } from '../../../src/finger/synthetic/finger.ts'
import { impression } from '../../../src/finger/synthetic/impression.ts'

const frame = impression(syntheticFinger(3), { seed: 1 })

t.test('blocks cover the image; as much is usable as the score was made of', async t => {
  const map = qualityMap(frame)
  t.match(map, { blockPx: 16, resolutionDpi: 500 })
  t.equal(map.columns, Math.ceil(frame.widthPx / 16))
  t.equal(map.rows, Math.ceil(frame.heightPx / 16))
  t.equal(map.values.length, map.columns * map.rows)
  t.equal(map.values[0], 0, 'no finger in the corner')
  const middle = map.values[Math.floor(map.rows / 2) * map.columns + Math.floor(map.columns / 2)]
  t.ok(middle > 60, `the middle is good: ${middle}`)
  const blockMm2 = ((16 * 25.4) / 500) ** 2
  const usableMm2 = (map.values.reduce((sum, value) => sum + value, 0) / 100) * blockMm2
  const expected = extract(frame).quality.measures.usableMm2
  t.ok(Math.abs(usableMm2 / expected - 1) < 0.03, `${usableMm2} of ${expected} mm²`)
})

t.test('a place that is wiped out is found', async t => {
  const spoilt: Frame = { ...frame, pixels: Uint8Array.from(frame.pixels) }
  const left = Math.floor(frame.widthPx / 32) * 16
  const top = Math.floor(frame.heightPx / 32) * 16
  for (let y = top - 32; y < top + 48; y++)
    for (let x = left - 32; x < left + 48; x++) spoilt.pixels[y * frame.widthPx + x] = 128
  const map = qualityMap(spoilt)
  const before = qualityMap(frame)
  const block = (top / 16) * map.columns + left / 16
  t.ok(before.values[block] > 60, `before: ${before.values[block]}`)
  t.ok(map.values[block] < 30, `after: ${map.values[block]}`)
})

t.test('twice the resolution, the same map', async t => {
  const widthPx = 2 * frame.widthPx
  const pixels = Uint8Array.from(
    { length: 4 * frame.pixels.length },
    (_, i) => frame.pixels[(Math.floor(i / widthPx) >> 1) * frame.widthPx + ((i % widthPx) >> 1)],
  )
  const fine = qualityMap({ widthPx, heightPx: 2 * frame.heightPx, resolutionDpi: 1000, pixels })
  const coarse = qualityMap(frame)
  t.equal(fine.columns, coarse.columns)
  t.equal(fine.rows, coarse.rows)
  const off = fine.values.reduce((sum, value, i) => sum + Math.abs(value - coarse.values[i]), 0)
  t.ok(off / fine.values.length < 5, `${off / fine.values.length} a block`)
})

t.test('no finger, no value', async t => {
  for (const pixels of [new Uint8Array(90_000).fill(200), noise(90_000)]) {
    const map = qualityMap({ widthPx: 300, heightPx: 300, resolutionDpi: 500, pixels })
    t.equal(map.values.length, 19 * 19)
    t.ok(map.values.every(value => value === 0))
  }
})

function noise(count: number): Uint8Array {
  let state = 1
  return Uint8Array.from({ length: count }, () => (state = (state * 48271) % 2147483647) & 255)
}
