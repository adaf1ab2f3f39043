import type { Frame } from '../image/frame.ts'
import { Blur, CELL_PX, type Field } from './field.ts'
import { type Contrast, type Crop, contrastMin } from './normalise.ts'
import { extendBorder, type Plane } from './plane.ts'
import { align, type Buffer, type Workspace } from './workspace.ts'

/** The part of an image that is looked at, and all memory that looking at it takes. */
export interface Canvas {
  readonly workspace: Workspace
  /** Where the canvas lies in the image. */
  readonly leftPx: number
  readonly topPx: number
  /** Size of the whole image. */
  readonly imageWidthPx: number
  readonly imageHeightPx: number
  /** How much of the canvas is image; the rest fills it up to whole cells. */
  readonly inside: { readonly widthPx: number; readonly heightPx: number }
  readonly columns: number
  readonly rows: number
  readonly blur: Blur
  /** Grey levels with the local mean taken out and the local deviation set to about 1, limited to ±2.5. */
  readonly plane: Plane
  readonly mean: Field
  readonly deviation: Field
  /** 1 where grey levels vary as on a finger, else 0. */
  readonly rough: Buffer<Uint8Array>
  /** For intermediate results within one step. */
  readonly spare: readonly [Plane, Plane]
  readonly fields: readonly [Field, Field, Field]
  readonly lines: number
}

const PLANES = 7
const FIELDS = 22

/** Room for a canvas and for all that later steps take. */
export function canvasBytes({ columns, rows }: Crop): number {
  const planePixels = (columns * CELL_PX + 64) * (rows * CELL_PX + 64)
  return (
    PLANES * align(2 * planePixels) +
    FIELDS * align(4 * columns * rows) +
    4 * Blur.floats(columns, rows) +
    65536
  )
}

/**
 * Levels out brightness and contrast. The deviation divides after a tenth of the image's own high
 * deviation was added, so that the noise of an empty platen stays small beside the ridges.
 */
export function normalise(frame: Frame, contrast: Contrast, crop: Crop, workspace: Workspace): Canvas {
  const { column, row, columns, rows } = crop
  const plane = workspace.plane(columns, rows)
  const mean = workspace.field(columns, rows)
  const deviation = workspace.field(columns, rows)
  const rough = workspace.bytes(columns * rows)
  const gain = workspace.field(columns, rows)
  const least = contrastMin(contrast)
  const leftPx = column * CELL_PX
  const topPx = row * CELL_PX
  const inside = {
    widthPx: Math.min(columns * CELL_PX, frame.widthPx - leftPx),
    heightPx: Math.min(rows * CELL_PX, frame.heightPx - topPx),
  }
  for (let y = 0; y < rows; y++) {
    const from = (row + y) * contrast.mean.columns + column
    mean.values.set(contrast.mean.values.subarray(from, from + columns), y * columns)
    deviation.values.set(contrast.deviation.values.subarray(from, from + columns), y * columns)
    for (let x = 0; x < columns; x++) {
      const spread = contrast.deviation.values[from + x]
      const isImage = x * CELL_PX < inside.widthPx && y * CELL_PX < inside.heightPx
      rough.view[y * columns + x] = isImage && spread > least ? 1 : 0
      gain.values[y * columns + x] = 1 / (spread + 0.1 * contrast.high + 1)
    }
  }
  const lines = workspace.floats(2 * (columns + 8) + 8).pointer
  const stride = contrast.mean.columns * CELL_PX
  workspace.kernels.normalise(
    contrast.pixels + topPx * stride + leftPx,
    stride,
    columns,
    rows,
    mean.pointer,
    gain.pointer,
    plane.pointer,
    plane.stride,
    lines,
  )
  extendBorder(plane, inside.widthPx, inside.heightPx)
  return {
    workspace,
    leftPx,
    topPx,
    imageWidthPx: frame.widthPx,
    imageHeightPx: frame.heightPx,
    inside,
    columns,
    rows,
    blur: new Blur(workspace, columns, rows),
    plane,
    mean,
    deviation,
    rough,
    spare: [workspace.plane(columns, rows), workspace.plane(columns, rows)],
    fields: [workspace.field(columns, rows), workspace.field(columns, rows), workspace.field(columns, rows)],
    lines,
  }
}
