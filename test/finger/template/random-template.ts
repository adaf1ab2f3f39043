import { Random } from '../../../src/finger/synthetic/random.ts'
import type { OrientationMap, Template } from '../../../src/finger/template/template.ts'

/** Uniform in [0, 1), the same again for the same seed. */
export function randomFrom(seed: number): () => number {
  const random = new Random(seed)
  return () => random.uniform()
}

/** A template that no finger ever made, with every field in use. */
export function randomTemplate(random: () => number, count: number): Template {
  const widthPx = 100 + Math.floor(random() * 700)
  const heightPx = 100 + Math.floor(random() * 700)
  const floats = (scale: number) => Float32Array.from({ length: count }, () => random() * scale)
  return {
    count,
    widthPx,
    heightPx,
    xPx: floats(widthPx - 1),
    yPx: floats(heightPx - 1),
    directionRad: floats(6.283),
    kind: Uint8Array.from({ length: count }, () => Math.floor(random() * 3)),
    reliability: floats(1),
    ...(random() < 0.5 ? { quality: Math.floor(random() * 101) } : {}),
    ...(random() < 0.5 ? { orientation: randomOrientation(random, widthPx, heightPx) } : {}),
  }
}

function randomOrientation(random: () => number, widthPx: number, heightPx: number): OrientationMap {
  const cellPx = 4 + Math.floor(random() * 13)
  const columns = Math.ceil(widthPx / cellPx)
  const rows = Math.ceil(heightPx / cellPx)
  const bytes = () => Uint8Array.from({ length: columns * rows }, () => Math.floor(random() * 256))
  return { cellPx, columns, rows, angle: bytes(), coherence: bytes() }
}
