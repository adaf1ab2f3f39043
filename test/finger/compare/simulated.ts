/** Simulated templates: random minutiae, and what a second capture makes of them. */
import type { Template } from '../../../src/finger/template/template.ts'

/** Numbers 0…1, the same for one seed (Lehmer). */
export function randomFrom(seed: number): () => number {
  let state = (seed * 7919 + 1) % 0x7fffffff
  return () => (state = (state * 48271) % 0x7fffffff) / 0x7fffffff
}

type Minutia = { x: number; y: number; rad: number; kind: number }

export function templateOf(minutiae: readonly Minutia[], extra: Partial<Template> = {}): Template {
  return {
    count: minutiae.length,
    widthPx: 400,
    heightPx: 400,
    xPx: Float32Array.from(minutiae, ({ x }) => x),
    yPx: Float32Array.from(minutiae, ({ y }) => y),
    directionRad: Float32Array.from(minutiae, ({ rad }) => rad),
    kind: Uint8Array.from(minutiae, ({ kind }) => kind),
    reliability: Float32Array.from(minutiae, () => 1),
    ...extra,
  }
}

/** Minutiae at least 12 px apart in a disc of 120 px, with directions that flow as ridges do. */
export function randomMinutiae(seed: number, count = 40): Minutia[] {
  const random = randomFrom(seed)
  const phase = random() * 6
  const bend = 60 + random() * 60
  const minutiae: Minutia[] = []
  for (let tries = 0; minutiae.length < count && tries < 10_000; tries++) {
    const x = 200 + (random() - 0.5) * 240
    const y = 200 + (random() - 0.5) * 240
    if (Math.hypot(x - 200, y - 200) > 120) continue
    if (minutiae.some(other => Math.hypot(other.x - x, other.y - y) < 12)) continue
    const flow = phase + Math.sin(x / bend) + Math.cos(y / bend)
    const rad = (((flow + (random() < 0.5 ? Math.PI : 0)) % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI)
    minutiae.push({ x, y, rad, kind: random() < 0.5 ? 1 : 2 })
  }
  return minutiae
}

/** Turned anticlockwise round (200, 200), as seen on the image, and moved. */
export function moved(minutiae: readonly Minutia[], turnRad: number, dx: number, dy: number): Minutia[] {
  const [c, s] = [Math.cos(turnRad), Math.sin(turnRad)]
  return minutiae.map(({ x, y, rad, kind }) => ({
    x: 200 + (x - 200) * c + (y - 200) * s + dx,
    y: 200 - (x - 200) * s + (y - 200) * c + dy,
    rad: (rad + turnRad + 4 * Math.PI) % (2 * Math.PI),
    kind,
  }))
}

/** A second capture: a fifth of the minutiae lost, false ones, jitter, and skin stretched by `stretchPx`. */
export function recaptured(minutiae: readonly Minutia[], seed: number, stretchPx: number): Minutia[] {
  const random = randomFrom(seed)
  const noise = (size: number): number => (random() + random() - 1) * size
  const kept = minutiae
    .filter(() => random() > 0.2)
    .map(({ x, y, rad, kind }) => ({
      x: x + stretchPx * Math.sin((y - 100) / 90) + noise(3),
      y: y + stretchPx * Math.cos((x - 100) / 110) + noise(3),
      rad: (rad + noise(0.15) + 2 * Math.PI) % (2 * Math.PI),
      kind,
    }))
  return [...kept, ...randomMinutiae(seed + 1000, 6)]
}
