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

/** Node's timers take no more, and end a longer one at once. */
const TIMER_MS_MAX = 2 ** 31 - 1

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
      let leftMs = delayMs
      const startNext = (): NodeJS.Timeout => {
        const partMs = Math.min(leftMs, TIMER_MS_MAX)
        leftMs -= partMs
        return setTimeout(end, partMs)
      }
      const end = () => {
        if (leftMs > 0) {
          timer = startNext()
          return
        }
        signal?.removeEventListener('abort', stop)
        resolve()
      }
      let timer = startNext()
      signal?.addEventListener('abort', stop, { once: true })
    }),
}
