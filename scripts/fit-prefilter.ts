/**
 * Fits the projections of the pre-filter's codes and writes `src/finger/prefilter/*projection.generated.ts`.
 *
 *     node --import tsx scripts/fit-prefilter.ts [DIR]
 *
 * The axes are linear discriminants: directions in which minutiae differ much, and captures of one minutia little.
 * They are whitened, rotated at random, so that every bit says as much, and scaled to 8 bits. The plain form is
 * fitted to simulated recaptures, which drop, move, turn and invent minutiae and show only a part of the finger; the
 * textured form to real ones, since nobody knows how to simulate what the ridges' flow does.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CODE_BITS, Encoder, type Form, plain, textured } from '../src/finger/prefilter/encode.ts'
import { Random } from '../src/finger/synthetic/random.ts'
import { extract } from '../src/finger/template/extract.ts'
import type { Template } from '../src/finger/template/template.ts'
import { Aligner } from './bench/aligned-minutiae.ts'
import { ImageReader, listSets, type SetImage, yearOf } from './bench/dataset.ts'
import { discriminants } from './bench/discriminants.ts'

const PLAIN_AXES = 80
const TEXTURED_AXES = 48
/** Chosen, as the number of axes, by what each half of the sets gives on the other. */
const TEXTURED_FLOOR = 0.2
const RECAPTURES = 2
/** Every so many of the real pairs is enough. */
const REAL_STRIDE = 3
const SCALE_MAX = 127

export interface Print {
  readonly image: SetImage
  readonly template: Template
}
type Pairs = (readonly [Int16Array, Int16Array])[]

/** Rows of CODE_BITS × `dimensions` weights and CODE_BITS thresholds, as the kernel reads them. */
export function fitPlain(prints: readonly Print[]): Buffer {
  const describer = new Describer(plain)
  const random = new Random(1)
  const pairs: Pairs = prints.flatMap(({ template }) => {
    const first = describer.describe(template)
    return Array.from({ length: RECAPTURES }, () => recapture(template, random)).flatMap(
      ({ template: second, from }) =>
        [...describer.describe(second)].flatMap(([index, descriptor]) => {
          const before = first.get(from[index])
          return before === undefined ? [] : [[before, descriptor] as const]
        }),
    )
  })
  return projectionOf(pairs, plain, PLAIN_AXES)
}

/** As `fitPlain`. */
export function fitTextured(prints: readonly Print[]): Buffer {
  const describer = new Describer(textured)
  const aligner = new Aligner()
  const descriptors = prints.map(({ template }) => describer.describe(template))
  const pairs: Pairs = prints.flatMap(({ image, template }, i) =>
    prints.slice(i + 1).flatMap((other, k) => {
      if (other.image.set !== image.set || other.image.finger !== image.finger) return []
      return aligner.align(template, other.template).flatMap(([m, n]) => {
        const [one, another] = [descriptors[i].get(m), descriptors[i + 1 + k].get(n)]
        return one === undefined || another === undefined ? [] : [[one, another] as const]
      })
    }),
  )
  return projectionOf(
    pairs.filter((_, index) => index % REAL_STRIDE === 0),
    textured,
    TEXTURED_AXES,
    TEXTURED_FLOOR,
  )
}

function projectionOf(pairs: Pairs, { dimensions }: Form, axisCount: number, floor?: number): Buffer {
  const random = new Random(2)
  const { mean, axes } = discriminants(pairs, axisCount, floor)
  const rows = rotated(axes, random)
  const scale = SCALE_MAX / Math.max(...rows.map(row => Math.max(...row.map(Math.abs))))
  const projection = Buffer.alloc(CODE_BITS * dimensions + 4 * CODE_BITS)
  rows.forEach((row, bit) => {
    let threshold = 0
    row.forEach((weight, k) => {
      const rounded = Math.round(weight * scale)
      projection.writeInt8(rounded, bit * dimensions + k)
      threshold += rounded * mean[k]
    })
    projection.writeInt32LE(Math.round(threshold), CODE_BITS * dimensions + 4 * bit)
  })
  return projection
}

class Describer {
  private readonly encoder: Encoder

  constructor({ dimensions, ...form }: Form) {
    const none = Buffer.alloc(CODE_BITS * dimensions + 4 * CODE_BITS)
    this.encoder = new Encoder({ ...form, dimensions }, none)
  }

  /** What stands round each minutia that has a code, by its index in the template. */
  describe(template: Template): Map<number, Int16Array> {
    const { chosen } = this.encoder.encode(template)
    return new Map(chosen.map((index, k) => [index, this.encoder.descriptor(k).slice()]))
  }
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

/** CODE_BITS directions from the axes: as many random rotations as it takes. */
function rotated(axes: readonly Float64Array[], random: Random): Float64Array[] {
  const rows: Float64Array[] = []
  while (rows.length < CODE_BITS) {
    for (const weights of randomRotation(axes.length, random)) {
      const row = new Float64Array(axes[0].length)
      axes.forEach((axis, a) => {
        for (let k = 0; k < row.length; k++) row[k] += weights[a] * axis[k]
      })
      rows.push(row)
    }
  }
  return rows.slice(0, CODE_BITS)
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

function moduleText(projection: Buffer, { dimensions }: Form): string {
  const lines = projection.toString('base64').match(/.{1,100}/g) ?? []
  const text = lines.map(line => `  '${line}'`).join(' +\n')
  return `// Made by scripts/fit-prefilter.ts: do not edit.\n\n/** ${CODE_BITS} rows of ${dimensions} weights (i8), then ${CODE_BITS} thresholds (i32), base64. */\nexport const projectionBase64 =\n${text}\n`
}

if (process.argv[1] === import.meta.filename) {
  const data = process.argv[2] ?? join(import.meta.dirname, '../../shared/data')
  const reader = new ImageReader(data)
  const prints = [...listSets(data).values()]
    .flat()
    .filter(({ set }) => yearOf(set) !== undefined)
    .map((image): Print => ({ image, template: extract(reader.read(image)).template }))
  const folder = join(import.meta.dirname, '../src/finger/prefilter')
  writeFileSync(join(folder, 'projection.generated.ts'), moduleText(fitPlain(prints), plain))
  writeFileSync(join(folder, 'textured-projection.generated.ts'), moduleText(fitTextured(prints), textured))
}
