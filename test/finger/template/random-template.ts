import type { OrientationMap, Template } from '../../../src/finger/template/template.ts'

/** Uniform in [0, 1), the same again for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
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
