/**
 * Fits the projection of the pre-filter's codes to simulated recaptures of real fingers and writes
 * `src/finger/prefilter/projection.generated.ts`.
 *
 *     node --import tsx scripts/fit-prefilter.ts [DIR] [--without SET]
 *
 * A recapture drops, moves, turns and invents minutiae and shows only a part of the finger. The axes are linear
 * discriminants: directions in which minutiae differ much, and captures of one minutia little. They are whitened,
 * rotated at random, so that every bit says as much, and scaled to 8 bits.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DIMENSIONS, encode, newEncoder } from '../src/finger/prefilter/encode.ts'
import { Random } from '../src/finger/synthetic/random.ts'
import { extract } from '../src/finger/template/extract.ts'
import type { Template } from '../src/finger/template/template.ts'
import { ImageReader, listSets, yearOf } from './bench/dataset.ts'
import { discriminants } from './bench/discriminants.ts'

const BITS = 256
const AXES = 80
const RECAPTURES = 2
const SCALE_MAX = 127

/** Rows of BITS × DIMENSIONS weights and BITS thresholds, as the kernel reads them. */
export function fitProjection(templates: readonly Template[], axisCount = AXES): Buffer {
  const kernels = newEncoder(Buffer.alloc(BITS * DIMENSIONS + 4 * BITS))
  const random = new Random(1)
  const pairs = templates.flatMap(template => {
    const first = describe(kernels, template)
    return Array.from({ length: RECAPTURES }, () => recapture(template, random)).flatMap(
      ({ template: second, from }) => {
        const again = describe(kernels, second)
        return [...again].flatMap(([index, descriptor]) => {
          const before = first.get(from[index])
          return before === undefined ? [] : [[before, descriptor] as const]
        })
      },
    )
  })
  return projectionOf(pairs, axisCount)
}

export function projectionOf(
  pairs: readonly (readonly [Int16Array, Int16Array])[],
  axisCount = AXES,
): Buffer {
  const random = new Random(2)
  const { mean, axes } = discriminants(pairs, axisCount)
  const rows = rotated(axes, random)
  const scale = SCALE_MAX / Math.max(...rows.map(row => Math.max(...row.map(Math.abs))))
  const projection = Buffer.alloc(BITS * DIMENSIONS + 4 * BITS)
  rows.forEach((row, bit) => {
    let threshold = 0
    row.forEach((weight, k) => {
      const rounded = Math.round(weight * scale)
      projection.writeInt8(rounded, bit * DIMENSIONS + k)
      threshold += rounded * mean[k]
    })
    projection.writeInt32LE(Math.round(threshold), BITS * DIMENSIONS + 4 * bit)
  })
  return projection
}

type Kernels = ReturnType<typeof newEncoder>

/** What stands round each minutia that has a code, by its index in the template. */
function describe(kernels: Kernels, template: Template): Map<number, Int16Array> {
  const { chosen } = encode(kernels, template)
  return new Map(
    chosen.map((index, k) => [
      index,
      new Int16Array(kernels.memory.buffer, kernels.descriptorsAt() + 2 * DIMENSIONS * k, DIMENSIONS).slice(),
    ]),
  )
}

/** Another capture of the same finger; `from` says which minutia each one was, -1 for an invented one. */
function recapture(template: Template, random: Random): { template: Template; from: number[] } {
  const { count, xPx, yPx, widthPx, heightPx } = template
  const middle = { x: widthPx / 2, y: heightPx / 2 }
  // A half plane is not captured: its border passes near the middle or beyond the edge.
  const angle = 2 * Math.PI * random.uniform()
  const borderPx = (0.1 + 0.5 * random.uniform()) * Math.max(widthPx, heightPx)
  const stretch = [0, 1, 2, 3].map(() => 0.03 * random.bell())
  const kept: number[] = []
  for (let i = 0; i < count; i++) {
    const beyond = (xPx[i] - middle.x) * Math.cos(angle) + (yPx[i] - middle.y) * Math.sin(angle) > borderPx
    if (!beyond && random.uniform() > 0.22) kept.push(i)
  }
  const invented = Math.round(0.22 * kept.length)
  const from = [...kept, ...Array.from({ length: invented }, () => -1)]
  const place = (i: number, axis: 0 | 1): number => {
    if (i < 0) return random.uniform() * (axis === 0 ? widthPx : heightPx)
    const dx = xPx[i] - middle.x
    const dy = yPx[i] - middle.y
    const moved =
      axis === 0 ? dx * (1 + stretch[0]) + dy * stretch[1] : dx * stretch[2] + dy * (1 + stretch[3])
    return (axis === 0 ? middle.x : middle.y) + moved + 2.5 * random.bell()
  }
  const direction = (i: number): number => {
    if (i < 0) return 2 * Math.PI * random.uniform()
    const turned = template.directionRad[i] + 0.12 * random.bell() + (random.uniform() < 0.04 ? Math.PI : 0)
    return turned - 2 * Math.PI * Math.floor(turned / (2 * Math.PI))
  }
  return {
    from,
    template: {
      ...template,
      count: from.length,
      xPx: Float32Array.from(from, i => place(i, 0)),
      yPx: Float32Array.from(from, i => place(i, 1)),
      directionRad: Float32Array.from(from, direction),
      kind: new Uint8Array(from.length),
      reliability: Float32Array.from(from, i => (i < 0 ? 0.5 : template.reliability[i])),
    },
  }
}

/** BITS directions from AXES: as many random rotations as it takes. */
function rotated(axes: readonly Float64Array[], random: Random): Float64Array[] {
  const rows: Float64Array[] = []
  while (rows.length < BITS) {
    for (const weights of randomRotation(axes.length, random)) {
      const row = new Float64Array(DIMENSIONS)
      axes.forEach((axis, a) => {
        for (let k = 0; k < DIMENSIONS; k++) row[k] += weights[a] * axis[k]
      })
      rows.push(row)
    }
  }
  return rows.slice(0, BITS)
}

/** Gram and Schmidt on random vectors. */
function randomRotation(size: number, random: Random): Float64Array[] {
  const rows: Float64Array[] = []
  while (rows.length < size) {
    const row = Float64Array.from({ length: size }, () => random.bell())
    for (const other of rows) {
      const along = row.reduce((sum, value, k) => sum + value * other[k], 0)
      for (let k = 0; k < size; k++) row[k] -= along * other[k]
    }
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))
    rows.push(row.map(value => value / length))
  }
  return rows
}

if (process.argv[1] === import.meta.filename) {
  const data = process.argv[2] ?? join(import.meta.dirname, '../../shared/data')
  const reader = new ImageReader(data)
  const templates = [...listSets(data).values()]
    .flat()
    .filter(({ set }) => yearOf(set) !== undefined)
    .map(image => extract(reader.read(image)).template)
  const base64 = fitProjection(templates).toString('base64')
  const lines = base64.match(/.{1,100}/g) ?? []
  writeFileSync(
    join(import.meta.dirname, '../src/finger/prefilter/projection.generated.ts'),
    `// Made by scripts/fit-prefilter.ts: do not edit.\n\n/** ${BITS} rows of ${DIMENSIONS} weights (i8), then ${BITS} thresholds (i32), base64. */\nexport const projectionBase64 =\n${lines.map(line => `  '${line}'`).join(' +\n')}\n`,
  )
}
