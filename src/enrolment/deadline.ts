import type { Clock } from '../base/clock.ts'

/**
 * What `work` settles to; after `timeoutMs` rejects with what `late` makes. The work itself is not
 * stopped: what it brings after that goes to `onLate`.
 */
export async function withDeadline<T>(
  work: Promise<T>,
  options: { clock: Clock; timeoutMs: number; late: () => Error; onLate?: (value: T) => void },
): Promise<T> {
  const stop = new AbortController()
  let expired = false
  const deadline = options.clock.sleep(options.timeoutMs, stop.signal).then(
    () => {
      expired = true
      throw options.late()
    },
    // Stopped, since the work is done: it decides.
    () => work,
  )
  const watched = work.then(value => {
    if (expired) options.onLate?.(value)
    return value
  })
  try {
    return await Promise.race([watched, deadline])
  } finally {
    stop.abort()
  }
}
