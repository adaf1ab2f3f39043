import type { ReportedUpdate } from '../../src/settings/update-desired.ts'
import type { HeldUpdate } from './held.ts'

/** What operations are told of what is held, and of what is known beside it. */
export function reportOf(
  { report, pending }: HeldUpdate,
  more: Pick<ReportedUpdate, 'running' | 'slot' | 'refused'> & {
    /** Of the download. */
    readonly percent?: number
  },
): ReportedUpdate {
  const { running, slot, refused, percent = 0 } = more
  return {
    ...report,
    running,
    ...(slot !== undefined && { slot }),
    ...(pending !== undefined && {
      pending: {
        version: pending.version,
        image: pending.image,
        step: pending.step,
        ...(pending.step === 'downloading' && { percent }),
      },
    }),
    ...(refused !== undefined && { refused }),
  }
}
