import type { Clock } from '../base/clock.ts'
import { clearFreedMemory } from '../base/freed-memory.ts'
import type { Log } from '../base/log.ts'

/** After a visit: what is being stored and printed then has ended. */
const FORGET_AFTER_MS = 2_000

/** Works on fingers, off the main thread. */
export interface FingerThread {
  prepare(): void
  rest(): Promise<unknown>
}

/** Returns what is called after a visit: a moment later nothing of the fingers is left in freed memory. */
export function forgetter(
  threads: readonly FingerThread[],
  { clock, log, ownEngineThread = false }: { clock: Clock; log: Log; ownEngineThread?: boolean },
  isIdle: () => boolean,
): () => void {
  // The commands that enrol and end leave no memory behind.
  if (!ownEngineThread) return () => {}
  const collectGarbage = clearFreedMemory()
  const forget = async () => {
    await clock.sleep(FORGET_AFTER_MS)
    for (const thread of threads) {
      await thread.rest()
      if (!isIdle()) thread.prepare()
    }
    // What the first pass frees may have held on to more.
    for (let pass = 0; pass < 2; pass++) collectGarbage()
  }
  return () => void forget().catch(error => log.warn('not-forgotten', { message: String(error) }))
}
