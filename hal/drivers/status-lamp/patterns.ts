import type { Notice } from '../../ports/notice.ts'

export interface Step {
  readonly on: boolean
  readonly forMs: number
}

const on = (forMs: number): Step => ({ on: true, forMs })
const off = (forMs: number): Step => ({ on: false, forMs })

/**
 * What the lamp does again and again. Told apart without colour, by rhythm; never more than three flashes in any
 * second (WCAG 2.3.1). A steady light is switched on again each minute, which shows a line that has gone.
 */
export const lampPatterns: Readonly<Record<Notice, readonly Step[]>> = {
  ready: [on(60_000)],
  busy: [on(1000), off(1000)],
  attention: [on(250), off(250)],
  fault: [on(150), off(200), on(150), off(1500)],
  'help-called': [on(150), off(200), on(150), off(200), on(150), off(1200)],
}

/** Whether a pattern that began `elapsedMs` ago is lit. */
export function isLit(pattern: readonly Step[], elapsedMs: number): boolean {
  const roundMs = pattern.reduce((sum, step) => sum + step.forMs, 0)
  let leftMs = elapsedMs % roundMs
  for (const step of pattern) {
    if (leftMs < step.forMs) return step.on
    leftMs -= step.forMs
  }
  return false
}
