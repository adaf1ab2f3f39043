import type { RidgeBlocks } from './ridge-blocks.ts'

const DEGREE = Math.PI / 180
const TURN_MIN_RAD = 4 * DEGREE
const TURN_MAX_RAD = 90 * DEGREE

/**
 * ISO/IEC 29794-4 OF: how far a block's direction is from its eight neighbours', 0…1; a value for each block that
 * stands among foreground and differs by more than four degrees in the mean.
 */
export function orientationFlow({ blocks, columns, rows }: RidgeBlocks): number[] {
  const values: number[] = []
  for (let row = 1; row < rows - 1; row++) {
    for (let column = 1; column < columns - 1; column++) {
      const around = [-1, 0, 1].flatMap(dy =>
        [-1, 0, 1].map(dx => blocks[(row + dy) * columns + column + dx]),
      )
      if (!around.every(({ isForeground }) => isForeground)) continue
      const { acrossRad } = blocks[row * columns + column]
      const turns = around.reduce((sum, other) => sum + Math.abs(other.acrossRad - acrossRad), 0)
      const turnRad = turns / (around.length - 1)
      if (turnRad > TURN_MIN_RAD) values.push((turnRad - TURN_MIN_RAD) / (TURN_MAX_RAD - TURN_MIN_RAD))
    }
  }
  return values
}
