/**
 * An image of 16-bit numbers with a margin of zeros on all sides, so that filters need no border cases.
 * Pixel (x, y) of the image is `values[origin + y * stride + x]`.
 */
export interface Plane {
  readonly widthPx: number
  readonly heightPx: number
  readonly stride: number
  readonly origin: number
  /** Of pixel (0, 0), in the workspace's memory. */
  readonly pointer: number
  readonly values: Int16Array
}

/** Wide enough for the largest filter and for the longest ridge signature. */
export const MARGIN_PX = 32

/** A plane's number for a deviation, or amplitude, of 1. */
export const LEVEL = 2048

const EXTENSION_PX = 4

/**
 * Repeats the outermost pixels of the image a little way into the margin, and clears the plane beyond:
 * a step from ridges to nothing would look like a ridge itself to a gradient.
 */
export function extendBorder(plane: Plane, imageWidthPx: number, imageHeightPx: number): void {
  const { widthPx, heightPx, stride, origin, values } = plane
  for (let y = 0; y < heightPx; y++) {
    const line = origin + y * stride
    values.fill(values[line], line - EXTENSION_PX, line)
    const end = line + imageWidthPx
    values.fill(values[end - 1], end, end + EXTENSION_PX)
    if (imageWidthPx + EXTENSION_PX < widthPx) values.fill(0, end + EXTENSION_PX, line + widthPx)
  }
  const first = origin - EXTENSION_PX
  const length = widthPx + 2 * EXTENSION_PX
  const last = first + (imageHeightPx - 1) * stride
  for (let i = 1; i <= EXTENSION_PX; i++) {
    values.copyWithin(first - i * stride, first, first + length)
    values.copyWithin(last + i * stride, last, last + length)
  }
  for (let y = imageHeightPx + EXTENSION_PX; y < heightPx; y++)
    values.fill(0, first + y * stride, first + y * stride + length)
}
