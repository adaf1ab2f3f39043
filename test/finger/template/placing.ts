import type { Frame } from '../../../src/finger/image/frame.ts'

/** A quarter turn clockwise. */
export function rotatedByQuarter({ widthPx, heightPx, resolutionDpi, pixels }: Frame): Frame {
  const turned = new Uint8Array(pixels.length)
  for (let y = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++) turned[x * heightPx + heightPx - 1 - y] = pixels[y * widthPx + x]
  return { widthPx: heightPx, heightPx: widthPx, resolutionDpi, pixels: turned }
}

/** The frame somewhere in a larger white one. */
export function embedded(
  frame: Frame,
  place: { widthPx: number; heightPx: number; leftPx: number; topPx: number },
): Frame {
  const pixels = new Uint8Array(place.widthPx * place.heightPx).fill(frame.pixels[0])
  for (let y = 0; y < frame.heightPx; y++) {
    const row = frame.pixels.subarray(y * frame.widthPx, (y + 1) * frame.widthPx)
    pixels.set(row, (place.topPx + y) * place.widthPx + place.leftPx)
  }
  return { widthPx: place.widthPx, heightPx: place.heightPx, resolutionDpi: frame.resolutionDpi, pixels }
}
