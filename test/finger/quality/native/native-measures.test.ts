/**
 * Goal: native measures mean what the standard says.
 * Method: NFIQ 2's own output for its five example images; and images whose measures are known.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { decodeImage } from '../../../../src/finger/image/decode.ts'
import { nativeMeasures } from '../../../../src/finger/quality/native/native-measures.ts'
import { dataTest } from '../../../support/data.ts'

const TOLERANCE: Record<string, number> = {
  Mu: 0.001,
  MMB: 0.001,
  OCL_Bin10_Mean: 1e-6,
  OCL_Bin10_StdDev: 1e-6,
}

dataTest('the five examples of NFIQ 2', async (t, data) => {
  for (let example = 1; example <= 5; example++) {
    const path = join(data, 'nfiq2_examples', `SFinGe_Test0${example}`)
    const expected = new Map(
      readFileSync(`${path}.expected.txt`, 'utf8')
        .trim()
        .split('\n')
        .map(line => line.split(': ') as [string, string]),
    )
    const measures = nativeMeasures(decodeImage(readFileSync(`${path}.png`)))
    for (const [name, value] of Object.entries(measures)) {
      const off = Math.abs(value - Number(expected.get(name)))
      t.ok(off <= TOLERANCE[name], `example ${example}, ${name}: ${off} off`)
    }
  }
})

t.test('stripes have one direction, and white round them does not count', async t => {
  const widthPx = 100
  const pixels = Uint8Array.from({ length: widthPx * widthPx }, (_, i) => {
    const x = i % widthPx
    const y = Math.floor(i / widthPx)
    return x < 20 || x >= 84 || y < 20 || y >= 84 ? 255 : (x >> 2) & 1 ? 200 : 100
  })
  const measures = nativeMeasures({ widthPx, heightPx: widthPx, resolutionDpi: 500, pixels })
  t.same(measures, { Mu: 150, MMB: 150, OCL_Bin10_Mean: 1, OCL_Bin10_StdDev: 0 })
})

t.test('a blank has no direction', async t => {
  const pixels = new Uint8Array(64 * 64).fill(255)
  const measures = nativeMeasures({ widthPx: 64, heightPx: 64, resolutionDpi: 500, pixels })
  t.same(measures, { Mu: 255, MMB: 255, OCL_Bin10_Mean: 0, OCL_Bin10_StdDev: 0 })
})
