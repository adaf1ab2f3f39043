/**
 * An image of numbers with a margin of zeros on all sides, so that filters need no border cases.
 * Pixel (x, y) of the image is `values[origin + y * stride + x]`.
 */
export interface Plane {
  readonly widthPx: number
  readonly heightPx: number
  readonly stride: number
  readonly origin: number
  readonly values: Float32Array
}

/** Wide enough for the largest filter and for the longest ridge signature. */
export const MARGIN_PX = 32

export function newPlane(widthPx: number, heightPx: number): Plane {
  const stride = widthPx + 2 * MARGIN_PX
  return {
    widthPx,
    heightPx,
    stride,
    origin: MARGIN_PX * stride + MARGIN_PX,
    values: new Float32Array(stride * (heightPx + 2 * MARGIN_PX)),
  }
}
