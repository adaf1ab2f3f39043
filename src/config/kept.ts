import type { Log } from '../base/log.ts'
import { configError } from '../settings/desired.ts'
import type { Settings } from '../settings/settings.ts'
import { type Held, nothingHeld, settingsOf, started, takenBack } from './held.ts'
import type { HeldFile } from './held-file.ts'

/** What a kiosk holds of its configurations, in memory and on the disk: the disk first, one change after the other. */
export class Kept {
  private changing: Promise<unknown> = Promise.resolve()

  private constructor(
    private readonly file: HeldFile,
    private now: Held,
  ) {}

  /** `at`: now, ISO 8601. Rejects with `kv/io`. */
  static async open(file: HeldFile, { log, at }: { readonly log: Log; readonly at: string }): Promise<Kept> {
    const { held, damaged } = await file.read()
    if (damaged) log.warn('config-damaged', { lost: held === undefined })
    const nothing = nothingHeld(at)
    if (held !== undefined || !damaged) return new Kept(file, held ?? nothing)
    const text = "the kiosk runs by its own file until operations' configuration arrives again"
    const errors = [configError('config/damaged', '', text)]
    return new Kept(file, { ...nothing, report: { ...nothing.report, state: 'rolled-back', errors } })
  }

  get held(): Held {
    return this.now
  }

  /** In force once it is durable. Rejects with `kv/io`, and then nothing has changed. */
  async change(next: (held: Held) => Held): Promise<Held> {
    const changed = this.changing.then(async () => {
      const held = next(this.now)
      if (held === this.now) return held
      await this.file.write(held)
      this.now = held
      return held
    })
    this.changing = changed.catch(() => {})
    return changed
  }

  /** The kiosk starts: what it has to run, over its own file `base`. */
  async start(base: Settings, at: string): Promise<Settings> {
    await this.change(held => started(held, base, at).held)
    return settingsOf(this.held, base)
  }

  /** The kiosk did not start. False: not by the doing of a configuration on trial, so there is nothing to go back to. */
  async goBack(why: string, at: string): Promise<boolean> {
    if (this.held.trial === undefined) return false
    await this.change(held => takenBack(held, [configError('config/not-starting', '', why)], at))
    return true
  }
}
