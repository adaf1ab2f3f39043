import type { Clock } from '../base/clock.ts'
import { defaultPreferences, type Preferences } from '../record/visit-view.ts'

/**
 * How the person at the kiosk wants the page. It ends with their visit; and where somebody changed it and went
 * away without beginning one, a while later.
 */
export class PersonalPreferences {
  value: Preferences = defaultPreferences
  private timing = new AbortController()

  constructor(
    private readonly clock: Clock,
    /** For the next change. */
    public idleAfterMs: number,
    /** They went back to the defaults by themselves. */
    private readonly onReset: () => void,
  ) {}

  change(change: Partial<Preferences>, { isVisit }: { readonly isVisit: boolean }): void {
    this.value = { ...this.value, ...change }
    this.keep()
    if (isVisit) return
    this.timing = new AbortController()
    this.clock.sleep(this.idleAfterMs, this.timing.signal).then(
      () => {
        this.value = defaultPreferences
        this.onReset()
      },
      () => {},
    )
  }

  /** A visit begins: it ends with `reset`. */
  keep(): void {
    this.timing.abort()
  }

  reset(): void {
    this.keep()
    this.value = defaultPreferences
  }
}
