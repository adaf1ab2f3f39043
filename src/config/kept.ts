import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { configError } from '../settings/desired.ts'
import type { Settings } from '../settings/settings.ts'
import { type Held, nothingHeld, started, takenBack } from './held.ts'
import type { HeldFile } from './held-file.ts'
import { KeptValue } from './kept-value.ts'

/** What a kiosk holds of its configurations, in memory and on the disk. */
export class Kept extends KeptValue<Held> {
  private hasBegun = false

  private constructor(
    file: HeldFile,
    private readonly log: Log,
    held: Held,
  ) {
    super(file, held)
  }

  /** `at`: now, ISO 8601. Rejects with `kv/io`. */
  static async open(file: HeldFile, { log, at }: { readonly log: Log; readonly at: string }): Promise<Kept> {
    const { held, damaged } = await file.read()
    if (damaged) log.warn('config-damaged', { lost: held === undefined })
    const nothing = nothingHeld(at)
    if (held !== undefined || !damaged) return new Kept(file, log, held ?? nothing)
    const text = "the kiosk runs by its own file until operations' configuration arrives again"
    const errors = [configError('config/damaged', '', text)]
    return new Kept(file, log, { ...nothing, report: { ...nothing.report, state: 'rolled-back', errors } })
  }

  /** What a kiosk that starts now has to run, over its own file `base`. */
  settings(base: Settings, at: string): Settings {
    return started(this.held, base, at).settings
  }

  /**
   * A kiosk has started by `settings`, and the data folder is its alone: nothing may be written down before, since
   * another kiosk may run there. From now on a failure may be the doing of the configuration on trial.
   */
  async begin(base: Settings, at: string): Promise<void> {
    await this.change(held => started(held, base, at).held)
    this.hasBegun = true
  }

  /**
   * Lets a kiosk live by what is in force over its own file `base`, one life after the other, until `live` answers
   * with something else than `restart`. A life that has begun and fails while a configuration is on trial is that
   * one's doing, and the next is by the one before; `why` says it in words. Otherwise its failure is ours.
   */
  async live<T>(options: {
    readonly base: Settings
    readonly clock: Clock
    live(settings: Settings): Promise<T | 'restart'>
    why(error: unknown): string
  }): Promise<T> {
    const { base, clock, live, why } = options
    const at = () => new Date(clock.nowMs()).toISOString()
    for (;;) {
      this.hasBegun = false
      try {
        const end = await live(this.settings(base, at()))
        if (end !== 'restart') return end
      } catch (error) {
        if (!this.hasBegun || this.held.trial === undefined) throw error
        const errors = [configError('config/not-starting', '', why(error))]
        this.log.error('config-not-starting', { version: this.held.trial.version, why: errors[0].text })
        await this.change(held => takenBack(held, errors, at()))
      }
    }
  }
}
