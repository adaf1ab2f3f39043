/**
 * A panel over the first screen belongs to no visit, so the page itself sees to it that nothing of one person stays
 * there for the next: it asks, counts down, and has the panel closed.
 */
export class Away {
  private touchedMs = 0
  /** When the count-down ends; undefined while nobody is asked. */
  endsMs: number | undefined

  constructor(
    private readonly nowMs: () => number,
    private readonly onGone: () => void,
  ) {}

  /** Somebody is there. True: they were asked, and this was the answer. */
  touched(): boolean {
    const wasAsked = this.endsMs !== undefined
    this.touchedMs = this.nowMs()
    this.endsMs = undefined
    return wasAsked
  }

  /** Now and then. `isOpen`: there is such a panel. */
  tick(isOpen: boolean, { idleAfterMs, countDownMs }: { idleAfterMs: number; countDownMs: number }): void {
    const nowMs = this.nowMs()
    if (!isOpen) this.endsMs = undefined
    else if (this.endsMs === undefined) {
      if (nowMs - this.touchedMs >= idleAfterMs) this.endsMs = nowMs + countDownMs
    } else if (nowMs >= this.endsMs) {
      this.endsMs = undefined
      this.onGone()
    }
  }
}
