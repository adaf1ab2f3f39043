import type { Frame } from '../../image/frame.ts'

/** ISO/IEC 29794-4 MU: arithmetic mean of all grey levels, 0…255. */
export function meanLevel({ pixels }: Frame): number {
  return pixels.reduce((sum, level) => sum + level, 0) / pixels.length
}
