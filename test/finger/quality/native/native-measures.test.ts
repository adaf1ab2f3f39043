/**
 * Goal: native measures mean what the standard says.
 * Method: NFIQ 2's own output for its five example images, every line of it; and images whose measures are known.
 */
import t from 'tap'
import { deviationsOf, examples } from '../../../../scripts/bench/native.ts'
import type { Frame } from '../../../../src/finger/image/frame.ts'
import { nativeMeasures } from '../../../../src/finger/quality/native/native-measures.ts'
import { dataTest } from '../../../support/data.ts'

/** NFIQ 2 finds its minutiae with FingerJetFX, we with our own extraction. */
const OF_MINUTIAE: Record<string, number> = {
  FingerprintImageWithMinutiae: 10,
  FingerJetFX_MinutiaeCount: 10,
  FingerJetFX_MinCount_COMMinRect200x200: 5,
  FJFXPos_Mu_MinutiaeQuality_2: 0.1,
  FJFXPos_OCL_MinutiaeQuality_80: 0.1,
}
/** Half a unit of the last of NFIQ 2's six digits. */
const ROUNDING = 5.1e-6

dataTest('the five examples of NFIQ 2', async (t, data) => {
  t.equal(examples(data).length, 5)
  for (const path of examples(data)) {
    const deviations = deviationsOf(path)
    t.equal(deviations.length, 74)
    for (const { measure, off, expected } of deviations) {
      // The forest's verdict on all of them is no measure.
      if (measure === 'UnifiedQualityScore') continue
      const tolerance = OF_MINUTIAE[measure] ?? ROUNDING * Math.max(Math.abs(expected), 0.1)
      if (off === undefined || Math.abs(off) > tolerance) t.fail(`${path} ${measure}: ${off} off`)
    }
  }
})

/** Upright stripes of a period of `periodPx`, half of it dark, on `sidePx` pixels square, and white round them. */
function stripes(sidePx: number, periodPx: number, whitePx = 0): Frame {
  const widthPx = sidePx + 2 * whitePx
  const isPrint = (at: number): boolean => at >= whitePx && at < whitePx + sidePx
  const pixels = Uint8Array.from({ length: widthPx * widthPx }, (_, i) => {
    const x = i % widthPx
    const isDark = (x - whitePx) % periodPx < periodPx / 2
    return isPrint(x) && isPrint(Math.floor(i / widthPx)) ? (isDark ? 100 : 200) : 255
  })
  return { widthPx, heightPx: widthPx, resolutionDpi: 500, pixels }
}

t.test('stripes have one direction, one width and no pixel out of place', async t => {
  const measures = nativeMeasures(stripes(200, 8))
  t.match(measures, {
    Mu: 150,
    MMB: 150,
    UniformImage: 50,
    OCL_Bin10_Mean: 1,
    OCL_Bin10_StdDev: 0,
    LCS_Bin10_Mean: 1,
    RVUP_Bin10_Mean: 1,
    RVUP_Bin10_StdDev: 0,
    // No block turns away from the others, so none has a value.
    OF_Bin10_Mean: 0,
    FDA_Bin10_9: 0,
    OrientationMap_ROIFilter_CoherenceRel: 1,
    FingerJetFX_MinutiaeCount: 0,
  })
  t.ok(measures.FDA_Bin10_Mean > 0.5, 'one wave holds most of the signature')
})

t.test('white round a print does not count', async t => {
  t.same(nativeMeasures(stripes(200, 8, 20)), nativeMeasures(stripes(200, 8)))
})

t.test('minutiae are counted where the print begins, and about their middle', async t => {
  const minutiae = { xPx: [60, 70, 80, 215], yPx: [60, 70, 80, 215], count: 4 }
  const measures = nativeMeasures(stripes(200, 8, 20), minutiae)
  t.match(measures, {
    FingerJetFX_MinutiaeCount: 4,
    FingerJetFX_MinCount_COMMinRect200x200: 3,
    FJFXPos_OCL_MinutiaeQuality_80: 1,
    FJFXPos_Mu_MinutiaeQuality_2: 0,
  })
})

t.test('a blank, and images smaller than a block', async t => {
  const blank = { widthPx: 64, heightPx: 64, resolutionDpi: 500, pixels: new Uint8Array(64 * 64).fill(255) }
  t.match(nativeMeasures(blank), { Mu: 255, MMB: 255, UniformImage: 0, OCL_Bin10_Mean: 0, FDA_Bin10_Mean: 0 })
  for (const sidePx of [1, 2, 17, 31, 33, 36]) {
    const measures = nativeMeasures(stripes(sidePx, 8), { xPx: [0], yPx: [0], count: 1 })
    for (const [name, value] of Object.entries(measures))
      if (!Number.isFinite(value)) t.fail(`${sidePx} pixels, ${name}: ${value}`)
  }
})

t.test('resolution does not change what is measured', async t => {
  const fine = nativeMeasures({ ...stripes(400, 16), resolutionDpi: 1000 })
  t.ok(Math.abs(fine.Mu - 150) < 1)
  t.ok(fine.OCL_Bin10_Mean > 0.99)
  t.ok(fine.LCS_Bin10_Mean > 0.95)
})
