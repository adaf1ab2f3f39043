/** Finger positions, ISO/IEC 19794-2 table 6: 1-5 right thumb…little, 6-10 left thumb…little. */
export const fingerPositions = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const
export type FingerPosition = (typeof fingerPositions)[number]

/** Why a finger was not captured. Recorded as such; never an obstacle. */
export const fingerExceptions = ['missing', 'bandaged', 'damaged', 'refused'] as const
export type FingerException = (typeof fingerExceptions)[number]

export const fingerNames: Readonly<Record<FingerPosition, string>> = {
  1: 'right thumb',
  2: 'right index finger',
  3: 'right middle finger',
  4: 'right ring finger',
  5: 'right little finger',
  6: 'left thumb',
  7: 'left index finger',
  8: 'left middle finger',
  9: 'left ring finger',
  10: 'left little finger',
}

/** The same finger of the other hand. */
export function otherHand(position: FingerPosition): FingerPosition {
  return (position > 5 ? position - 5 : position + 5) as FingerPosition
}
