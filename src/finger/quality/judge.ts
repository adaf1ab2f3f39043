import type { Quality } from '../engine.ts'
import type { Seen } from '../template/extract.ts'
import type { Selected } from '../template/select.ts'

/** From this score on a sample is accepted. */
export const QUALITY_MIN = 40

export interface Judgement {
  readonly quality: Quality
  readonly isFinger: boolean
  /** Share of the image that shows a finger, 0…1. */
  readonly fingerShare: number
}

export function judge(seen: Seen, selected: readonly Selected[]): Judgement {
  const { mask, clarity } = seen
  let cells = 0
  let clear = 0
  for (let i = 0; i < mask.values.length; i++) {
    cells += mask.values[i]
    clear += mask.values[i] * clarity.values[i]
  }
  const score = Math.round((100 * clear) / Math.max(cells, 1))
  return {
    quality: {
      score,
      accept: score >= QUALITY_MIN,
      reason: score >= QUALITY_MIN ? 'ok' : 'smudged',
      measures: { minutiae: selected.length },
    },
    isFinger: cells > 100,
    fingerShare: cells / mask.values.length,
  }
}
