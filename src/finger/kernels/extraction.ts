import { wasmBase64 } from './extraction.generated.ts'
import { instantiate, type Kernels } from './instantiate.ts'

/** The functions of `assembly/extraction.ts`; what they do and what they need is written there. */
interface ExtractionExports {
  heapBase(): number
  moments(pixels: number, columns: number, rows: number, mean: number, square: number): void
  blur(field: number, columns: number, rows: number, weights: number, radius: number, scratch: number): void
  addScaled(
    cosine: number,
    sine: number,
    energy: number,
    weight: number,
    count: number,
    cosineSum: number,
    sineSum: number,
  ): void
  normalise(
    pixels: number,
    pixelStride: number,
    columns: number,
    rows: number,
    mean: number,
    gain: number,
    plane: number,
    stride: number,
    scratch: number,
  ): void
  tensor(
    plane: number,
    stride: number,
    columns: number,
    rows: number,
    first: number,
    second: number,
    cosine: number,
    sine: number,
    energy: number,
  ): void
  periods(
    plane: number,
    stride: number,
    points: number,
    count: number,
    tables: number,
    steps: number,
    out: number,
    scratch: number,
  ): void
  classify(
    cosine: number,
    sine: number,
    columns: number,
    rows: number,
    period: number,
    mask: number,
    classes: number,
    scratch: number,
  ): void
  gabor(
    plane: number,
    stride: number,
    columns: number,
    rows: number,
    classes: number,
    shapes: number,
    even: number,
    odd: number,
    turn: number,
  ): void
  clarity(
    plane: number,
    even: number,
    odd: number,
    stride: number,
    columns: number,
    rows: number,
    wave: number,
    total: number,
  ): void
  evenContrast(
    even: number,
    odd: number,
    stride: number,
    columns: number,
    rows: number,
    weight: number,
    plane: number,
    scratch: number,
  ): void
  residues(
    even: number,
    odd: number,
    turn: number,
    stride: number,
    columns: number,
    rows: number,
    mask: number,
    out: number,
    limit: number,
  ): number
  filterChunks(): number
  ridgeFilter(
    count: number,
    radiusPx: number,
    x2: number,
    y2: number,
    xy: number,
    minusXy: number,
    cosX: number,
    sinX: number,
    cosY: number,
    sinY: number,
    out: number,
  ): void
}

export type ExtractionKernels = Kernels<ExtractionExports>

/** An instance of its own memory. */
export function newExtractionKernels(): ExtractionKernels {
  return instantiate<ExtractionExports>(wasmBase64)
}
