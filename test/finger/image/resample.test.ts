/**
 * Goal: a frame at another resolution shows the same finger: same grey levels, ridges at the same places, and
 * none that were not there.
 * Method: ridge gratings, whose every pixel is known at any resolution.
 */
import t from 'tap'
import type { Frame } from '../../../src/finger/image/frame.ts'
import { resample } from '../../../src/finger/image/resample.ts'

/** Vertical or horizontal sine ridges, `ridgesPerInch` of them. */
function grating(dpi: number, inches: number, ridgesPerInch: number, vertical: boolean): Frame {
  const side = Math.round(dpi * inches)
  const pixels = new Uint8Array(side * side)
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const inch = ((vertical ? x : y) + 0.5) / dpi
      pixels[y * side + x] = Math.round(128 + 100 * Math.sin(2 * Math.PI * ridgesPerInch * inch))
    }
  return { widthPx: side, heightPx: side, resolutionDpi: dpi, pixels }
}

function greatestDifference(a: Frame, b: Frame, marginPx: number): number {
  t.equal(a.widthPx, b.widthPx)
  t.equal(a.heightPx, b.heightPx)
  let greatest = 0
  for (let y = marginPx; y < a.heightPx - marginPx; y++)
    for (let x = marginPx; x < a.widthPx - marginPx; x++)
      greatest = Math.max(greatest, Math.abs(a.pixels[y * a.widthPx + x] - b.pixels[y * a.widthPx + x]))
  return greatest
}

t.test('at its own resolution a frame stays itself', async t => {
  const frame = grating(500, 0.4, 50, true)
  t.equal(resample(frame, 500), frame)
})

t.test('ridges keep their places and contrast', async t => {
  for (const vertical of [true, false])
    for (const dpi of [250, 400, 508, 512, 569, 1000]) {
      const difference = greatestDifference(
        resample(grating(dpi, 0.5, 50, vertical), 500),
        grating(500, 0.5, 50, vertical),
        3,
      )
      // Ten pixels a ridge: linear interpolation flattens a crest by a few levels; a shift of half a pixel would be 30.
      t.ok(difference <= (dpi === 250 ? 20 : 12), `from ${dpi} dpi: ${difference} levels`)
    }
})

t.test('what the target cannot show turns grey', async t => {
  for (const vertical of [true, false]) {
    const fine = resample(grating(2000, 0.25, 700, vertical), 500)
    let greatest = 0
    for (let y = 3; y < fine.heightPx - 3; y++)
      for (let x = 3; x < fine.widthPx - 3; x++)
        greatest = Math.max(greatest, Math.abs(fine.pixels[y * fine.widthPx + x] - 128))
    t.ok(greatest <= 10, `${greatest} levels of ridges that are not there`)
  }
})

t.test('flat stays flat, up to the edges', async t => {
  const pixels = new Uint8Array(101 * 77).fill(203)
  for (const dpi of [250, 333, 569, 1000]) {
    const out = resample({ widthPx: 101, heightPx: 77, resolutionDpi: dpi, pixels }, 500)
    t.equal(out.widthPx, Math.round((101 * 500) / dpi))
    t.equal(out.heightPx, Math.round((77 * 500) / dpi))
    t.ok(out.pixels.every(level => level === 203))
  }
})
