import type { Frame } from '../../image/frame.ts'

/** Mean and deviation of the grey levels between the edges, as far as the image goes. */
export function levelsWithin(
  { pixels, widthPx, heightPx }: Frame,
  left: number,
  top: number,
  right: number,
  bottom: number,
): { mean: number; deviation: number } {
  let sum = 0
  let squares = 0
  let count = 0
  for (let y = top; y < Math.min(bottom, heightPx); y++) {
    for (let x = left; x < Math.min(right, widthPx); x++) {
      const level = pixels[y * widthPx + x]
      sum += level
      squares += level * level
      count++
    }
  }
  const mean = sum / count
  return { mean, deviation: Math.sqrt(Math.max(squares / count - mean * mean, 0)) }
}
