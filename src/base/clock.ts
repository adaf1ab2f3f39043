/**
 * Time, as a parameter. Nothing below `kiosk.ts` reads the system's clock itself, so a test
 * or a simulation decides when anything happens.
 */
export interface Clock {
  /** Wall time, milliseconds since 1970. May jump in either direction. */
  nowMs(): number
  /** Never goes backwards; only differences mean something. For intervals and time-outs. */
  monotonicMs(): number
  /** Resolves after `delayMs`; rejects with the signal's reason once it aborts. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (delayMs, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }, delayMs)
      signal?.addEventListener('abort', stop, { once: true })
    }),
}
