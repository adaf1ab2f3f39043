import { setTimeout as sleep } from 'node:timers/promises'

const STEP_MS = 20

/** Resolves once the condition holds; throws where it does not in time (by default half a minute, far beyond what is expected). */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  const endMs = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > endMs) throw new Error(`it did not come to be within ${timeoutMs} ms: ${condition}`)
    await sleep(STEP_MS)
  }
}
