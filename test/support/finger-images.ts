import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { simulatedCitizen } from '../../hal/sim/citizen.ts'
import { encodePng } from '../../src/finger/image/encode-png.ts'
import type { Frame } from '../../src/finger/image/frame.ts'
import { type FingerPosition, fingerPositions } from '../../src/record/finger-position.ts'

/** Frames of synthetic citizen `seed` at their `visit`-th visit, of the first `count` positions. */
export function citizenFrames(seed: number, visit = 0, count = 10): Map<FingerPosition, Frame> {
  const citizen = simulatedCitizen(seed, { visit })
  const frames = new Map<FingerPosition, Frame>()
  for (const position of fingerPositions.slice(0, count)) {
    const frame = citizen.place(position, 0)
    if (frame !== undefined) frames.set(position, frame)
  }
  return frames
}

/** The same as PNG files, in the order of their positions; the folder. */
export async function writeCitizen(folder: string, seed: number, visit = 0, count = 10): Promise<string> {
  await mkdir(folder, { recursive: true })
  for (const [position, { pixels, ...size }] of citizenFrames(seed, visit, count)) {
    const name = `${String(position).padStart(2, '0')}.png`
    await writeFile(join(folder, name), encodePng({ ...size, pixels }))
  }
  return folder
}
