import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'

/**
 * What `work` settles to; rejects with `hal/no-answer` after `timeoutMs`, and with the signal's reason once it
 * aborts. The work itself is not stopped.
 */
export async function within<T>(
  work: Promise<T>,
  { clock, timeoutMs, signal }: { clock: Clock; timeoutMs: number; signal: AbortSignal },
): Promise<T> {
  const done = new AbortController()
  const deadline = clock.sleep(timeoutMs, AbortSignal.any([signal, done.signal])).then(
    () => {
      throw new KioskError('hal/no-answer', { timeoutMs })
    },
    () => {
      signal.throwIfAborted()
      return work
    },
  )
  try {
    return await Promise.race([work, deadline])
  } finally {
    done.abort()
  }
}
