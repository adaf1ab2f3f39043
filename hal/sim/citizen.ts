import assert from 'node:assert'
import type { Frame } from '../../src/finger/image/frame.ts'
import { type Defect, defectiveFrame } from '../../src/finger/synthetic/defects.ts'
import { type SyntheticFinger, syntheticFinger } from '../../src/finger/synthetic/finger.ts'
import { type ImpressionOptions, impression } from '../../src/finger/synthetic/impression.ts'

/** Somebody in front of a simulated sensor. */
export interface Citizen {
  /**
   * What the platen shows when the finger at `position` (1-10) is placed for the `placement`-th time,
   * counted from 0. Undefined: it is not placed.
   */
  place(position: number, placement: number): Frame | undefined
}

/** How a simulated citizen behaves; by default as people do. */
export interface CitizenHabits {
  /** Tells one visit of the same person from another: other impressions of the same fingers. Default 0. */
  readonly visit?: number
  /** Positions of fingers that are never placed. */
  readonly missing?: readonly number[]
  /** The first placement of every finger is like this, the next ones are sound. */
  readonly poorFirst?: Defect
  /** Fixes some of how fingers are placed; the rest varies. */
  readonly placing?: Omit<ImpressionOptions, 'seed'>
}

/** The person with this number, a whole number from 0: the same ten fingers each time, on every board. */
export function simulatedCitizen(seed: number, habits: CitizenHabits = {}): Citizen {
  assert(Number.isSafeInteger(seed) && seed >= 0, 'people are counted from 0')
  const fingers = new Map<number, SyntheticFinger>()
  const fingerAt = (position: number) => {
    let finger = fingers.get(position)
    if (finger === undefined) fingers.set(position, (finger = syntheticFinger(seed * 10 + position)))
    return finger
  }
  return {
    place(position, placement) {
      if (habits.missing?.includes(position)) return undefined
      const impressionSeed = (habits.visit ?? 0) * 1000 + placement
      if (habits.poorFirst !== undefined && placement === 0)
        return defectiveFrame(habits.poorFirst, fingerAt(position), impressionSeed)
      return impression(fingerAt(position), { ...habits.placing, seed: impressionSeed })
    },
  }
}

/**
 * Somebody whose images there are already, by position (the first placement shows the first). A finger with no
 * more images shows its last one again; a position without images is not placed.
 */
export function citizenOfFrames(framesByPosition: ReadonlyMap<number, readonly Frame[]>): Citizen {
  return {
    place(position, placement) {
      const frames = framesByPosition.get(position) ?? []
      const frame = frames.at(Math.min(placement, frames.length - 1))
      // A copy, as from a real sensor: the visit zeroes what it was given.
      return frame && { ...frame, pixels: frame.pixels.slice() }
    },
  }
}
