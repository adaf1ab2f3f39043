/**
 * Goal: a WSQ image decodes to the image it was made of, as nearly as its bins say; what is damaged is refused.
 * Method: a writer of our own that shares no arithmetic with the reader; the place of every subband checked by the
 * frequencies that one coefficient makes, which is what the specification orders them by; mutations.
 */
import t from 'tap'
import { recordWith } from '../../../hal/sim/finger-records.ts'
import { KioskError } from '../../../src/base/errors.ts'
import { decodeImage } from '../../../src/finger/image/decode.ts'
import { decodeFir } from '../../../src/finger/image/decode-fir.ts'
import { readWsq } from '../../../src/finger/image/wsq.ts'
import { subbands, synthesise, synthesisOf } from '../../../src/finger/image/wsq-wavelet.ts'
import { syntheticFinger } from '../../../src/finger/synthetic/finger.ts'
import { impression } from '../../../src/finger/synthetic/impression.ts'
import { randomFrom } from '../template/random-template.ts'
import { FBI_HIGH, FBI_LOW, type WsqImage, writeWsq } from './wsq-writer.ts'

/** Ridges, as a grating that bends: smooth enough for the four subbands that nobody transmits to be empty. */
function ridges(widthPx: number, heightPx: number): WsqImage {
  const pixels = Uint8Array.from({ length: widthPx * heightPx }, (_, i) => {
    const [x, y] = [i % widthPx, Math.floor(i / widthPx)]
    return Math.round(128 + 90 * Math.sin(x / 1.5 + 12 * Math.sin(y / 60)) * Math.cos(y / 80))
  })
  return { widthPx, heightPx, pixels }
}

function greatestDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((greatest, level, i) => Math.max(greatest, Math.abs(level - b[i])), 0)
}

t.test('with narrow bins every pixel comes back, whatever the sides', async t => {
  for (const [widthPx, heightPx] of [
    [64, 64],
    [65, 67],
    [127, 94],
    [130, 129],
    [300, 201],
  ]) {
    const image = ridges(widthPx, heightPx)
    const decoded = readWsq(writeWsq(image, { binWidth: 20 }))
    t.same([decoded.widthPx, decoded.heightPx], [widthPx, heightPx])
    const difference = greatestDifference(decoded.pixels, image.pixels)
    t.ok(difference <= 1, `${widthPx} × ${heightPx}: ${difference} levels`)
  }
})

t.test('a finger at usual bins keeps its ridges', async t => {
  const finger = impression(syntheticFinger(4), { seed: 1, noise: 0 })
  const bytes = writeWsq(finger, { binWidth: 2500, ppi: 500 })
  t.ok(bytes.length < finger.pixels.length / 3, `${bytes.length} bytes`)
  const decoded = decodeImage(bytes)
  t.equal(decoded.resolutionDpi, 500)
  let squares = 0
  for (let i = 0; i < finger.pixels.length; i++) squares += (decoded.pixels[i] - finger.pixels[i]) ** 2
  const deviation = Math.sqrt(squares / finger.pixels.length)
  t.ok(deviation < 8, `deviation of ${deviation} levels`)
})

/** Mean frequency of a line, in cycles a sample, weighted by power. */
function centroid(line: readonly number[]): number {
  let power = 0
  let moment = 0
  for (let k = 0; k <= line.length / 2; k++) {
    let re = 0
    let im = 0
    line.forEach((value, n) => {
      re += value * Math.cos((2 * Math.PI * k * n) / line.length)
      im += value * Math.sin((2 * Math.PI * k * n) / line.length)
    })
    power += re * re + im * im
    moment += ((re * re + im * im) * k) / line.length
  }
  return moment / power
}

t.test('subbands stand in the order of their frequencies', async t => {
  const side = 256
  const { bands } = subbands(side, side)
  t.equal(bands.length, 64)
  t.equal(
    bands.reduce((sum, { width, height }) => sum + width * height, 0),
    side * side,
  )
  for (const [index, band] of bands.entries()) {
    const { whole } = subbands(side, side)
    const plane = new Float32Array(side * side)
    plane[(band.y + (band.height >> 1)) * side + band.x + (band.width >> 1)] = 1
    synthesise(plane, side, whole, synthesisOf(FBI_LOW, FBI_HIGH))
    const peak = plane.reduce((best, value, i) => (Math.abs(value) > Math.abs(plane[best]) ? i : best), 0)
    const row = Array.from({ length: side }, (_, x) => plane[Math.floor(peak / side) * side + x])
    const column = Array.from({ length: side }, (_, y) => plane[y * side + (peak % side)])
    // The plane's side is half a cycle a sample, the highest frequency there is.
    const inPlane = (middle: number) => middle / side / 2
    const differences = [
      centroid(row) - inPlane(band.x + band.width / 2),
      centroid(column) - inPlane(band.y + band.height / 2),
    ].map((difference, i) => Math.abs(difference) / inPlane(i === 0 ? band.width : band.height))
    t.ok(
      differences.every(difference => difference < 0.8),
      `subband ${index}: ${differences.map(difference => difference.toFixed(2))} of its width off`,
    )
  }
})

t.test('inside of a finger image record', async t => {
  const image = ridges(96, 80)
  const wsq = writeWsq(image, { binWidth: 20 })
  const frame = { ...image, resolutionDpi: 500 }
  const record = recordWith({ position: 3, impression: 0, quality: 50, frame }, 'wsq', wsq)
  const [decoded] = await decodeFir(record)
  t.ok(greatestDifference(decoded.frame.pixels, image.pixels) <= 1)
})

t.test('cut or changed, it is refused or read, never more', async t => {
  const whole = writeWsq(ridges(64, 70), { binWidth: 300, ppi: 500 })
  for (let length = 0; length < whole.length; length += 1 + (length >> 5))
    t.throws(() => readWsq(whole.subarray(0, length)), { code: 'image/unreadable' }, `${length} bytes`)
  const random = randomFrom(21)
  const seen = { read: 0, refused: 0 }
  for (let i = 0; i < 1000; i++) {
    const bytes = Uint8Array.from(whole)
    bytes[Math.floor(random() * (random() < 0.7 ? 900 : bytes.length))] = Math.floor(random() * 256)
    try {
      readWsq(bytes)
      seen.read++
    } catch (error) {
      if (!(error instanceof KioskError) || !error.code.startsWith('image/')) throw error
      seen.refused++
    }
  }
  t.ok(seen.read > 100 && seen.refused > 100, JSON.stringify(seen))
})
