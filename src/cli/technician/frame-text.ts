import type { Frame } from '../../finger/image/frame.ts'

const COLUMNS = 64
/** A character is about twice as high as it is wide. */
const ASPECT = 2
const SHADES = '█▓▒░ '

/** A frame as text for a terminal, ridges in its ink: nothing of it is kept. */
export function frameText({ widthPx, heightPx, pixels }: Frame): string {
  const columns = Math.min(COLUMNS, widthPx)
  const stepPx = widthPx / columns
  const rows = Math.max(1, Math.floor(heightPx / (stepPx * ASPECT)))
  const lines: string[] = []
  for (let row = 0; row < rows; row++) {
    let line = ''
    for (let column = 0; column < columns; column++) {
      const x = Math.floor(column * stepPx)
      const y = Math.floor(row * stepPx * ASPECT)
      const grey = mean(pixels, widthPx, {
        left: x,
        top: y,
        right: Math.min(widthPx, Math.ceil(x + stepPx)),
        bottom: Math.min(heightPx, Math.ceil(y + stepPx * ASPECT)),
      })
      line += SHADES[Math.min(SHADES.length - 1, Math.floor((grey / 256) * SHADES.length))]
    }
    lines.push(line)
  }
  return lines.join('\n')
}

function mean(
  pixels: Uint8Array,
  widthPx: number,
  { left, top, right, bottom }: { left: number; top: number; right: number; bottom: number },
): number {
  let sum = 0
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += pixels[y * widthPx + x]
  return sum / ((right - left) * (bottom - top))
}
