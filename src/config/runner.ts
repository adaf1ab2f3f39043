/**
 * Brings what operations want (`config/desired`) into a running kiosk, watches over it, and says what came of it
 * (`config/reported`). What it may do next is decided in `held.ts` and `probation.ts`.
 *
 * Always true:
 * - Nothing changes while somebody is at the kiosk, and nothing that is not on the disk yet.
 * - A message that is not signed by operations for this kiosk, or is not newer, changes nothing, and is counted.
 */
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { Rest } from '../base/rest.ts'
import type { Broker, Message } from '../mqtt/broker.ts'
import { kioskTopic } from '../mqtt/topics.ts'
import type { ConfigSeal } from '../seal/seal.ts'
import { type ConfigError, type Desired, desiredSchema, type Reported } from '../settings/desired.ts'
import { changesBetween, type Effect, effectOf, overDefaults } from '../settings/overlay.ts'
import { SETTINGS_BYTES_MAX, type Settings } from '../settings/settings.ts'
import {
  confirmed,
  type Held,
  OWN_FILE,
  received,
  running,
  settingsOf,
  takenBack,
  tried,
  unreadable,
} from './held.ts'
import type { Kept } from './kept.ts'
import { errorOf, judge, NO_BROKER, type Probation, type Trial } from './probation.ts'

/** While a configuration is on trial, the kiosk is looked at this often; its disk's failure is tried again then. */
const LOOK_INTERVAL_MS = 1_000
/** A settings file of the greatest size in base64url, and header and signature. */
const BODY_BYTES_MAX = 2 * SETTINGS_BYTES_MAX

/** The kiosk, as far as a configuration is concerned. */
export interface ConfigurableKiosk {
  /** What is wrong with it, in words that stay the same while it is wrong; `NO_BROKER` where it has no connection. */
  troubles(): Promise<readonly string[]>
  /** Nobody is at it. */
  readonly isIdle: boolean
  /** Called whenever the last person has left. Returns how to stop. */
  onIdle(listener: () => void): () => void
  /**
   * Runs by these settings from now on. Called while it is idle; no visit may begin under the old ones afterwards.
   * `effect` is the most that they need; with `runtime` it has to see to its own end and new beginning.
   */
  use(settings: Settings, effect: Effect): Promise<void>
}

export interface ConfigRunnerParts {
  readonly kept: Kept
  /** The kiosk's own file. */
  readonly base: Settings
  readonly broker: Broker
  readonly seal: ConfigSeal
  readonly clock: Clock
  readonly log: Log
  readonly kiosk: ConfigurableKiosk
}

export class ConfigRunner {
  private readonly stopping = new AbortController()
  private running: Promise<void> | undefined
  private stopListening = () => {}
  private readonly rest: Rest
  private settings: Settings
  private probation: Probation
  /** What the kiosk runs by now: what is held may be a step ahead. */
  private inUse: Held
  private refused: Reported['refused']
  /** Of what is on trial, worked out once: it is looked at every second. */
  private judged: { readonly of: Held['trial']; readonly as: Trial } | undefined

  constructor(private readonly parts: ConfigRunnerParts) {
    const { kept, base, clock } = parts
    this.rest = new Rest(clock)
    this.inUse = kept.held
    this.settings = settingsOf(kept.held, base)
    this.probation = { sinceMs: clock.monotonicMs() }
  }

  async start(): Promise<void> {
    const { broker, seal } = this.parts
    await broker.subscribe(kioskTopic(seal.kiosk, 'config/desired'), message => this.take(message))
    this.stopListening = broker.onConnection(() => this.tell())
    this.running = this.run()
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    this.stopListening()
    this.rest.wake()
    await this.running
  }

  /** What operations are told. */
  report(): Reported {
    const { base } = this.parts
    const { report, trial, good } = this.inUse
    const settings = overDefaults(this.settings)
    const errors = trial === undefined ? unreadable(this.inUse, base) : []
    const said =
      errors.length === 0
        ? { ...report, running: running(this.inUse).version }
        : {
            ...report,
            version: good.version,
            state: 'rolled-back' as const,
            errors: [...errors],
            running: OWN_FILE.version,
          }
    const { refused } = this
    return { ...said, confirmed: trial === undefined, settings, ...(refused && { refused }) }
  }

  private async take({ body }: Message): Promise<void> {
    const { seal, kept, kiosk, base, log } = this.parts
    // Operations took the retained message away: that says nothing about what to run.
    if (body.length === 0) return
    let desired: Desired
    try {
      if (body.length > BODY_BYTES_MAX) throw new KioskError('seal/too-large', { bytes: body.length })
      desired = await seal.openConfig(body, desiredSchema)
    } catch (error) {
      if (!(error instanceof KioskError) || !error.code.startsWith('seal/')) throw error
      return this.refuse(error.code)
    }
    // It may come before the connection is said to be there; but it did come through it.
    const troubles = (await kiosk.troubles()).filter(trouble => trouble !== NO_BROKER)
    const now = { base, troubles, at: this.at() }
    let isStale = false
    const before = kept.held
    await kept.change(held => {
      const next = received(held, desired, now)
      isStale = next === 'stale'
      return next === undefined || next === 'stale' ? held : next
    })
    if (isStale) return this.refuse('config/stale')
    if (kept.held === before) return
    const { version } = desired
    if (kept.held.waiting !== undefined) {
      log.info('config-accepted', { version })
      return this.rest.wake()
    }
    log.warn('config-rejected', { version, ...firstOf(kept.held.report.errors) })
    this.inUse = { ...this.inUse, report: kept.held.report }
    this.tell()
  }

  private refuse(code: string): void {
    const { log } = this.parts
    log.warn('config-refused', { code })
    this.refused = { count: (this.refused?.count ?? 0) + 1, code }
    this.tell()
  }

  private async run(): Promise<void> {
    const { log, clock, kept } = this.parts
    const { signal } = this.stopping
    while (!signal.aborted) {
      let hasFailed = false
      try {
        await this.turn()
      } catch (error) {
        if (signal.aborted) return
        // The disk's failure: it heals, or somebody comes.
        log.error('config-turn-failed', { code: error instanceof KioskError ? error.code : String(error) })
        hasFailed = true
      }
      const looksAgain = hasFailed || kept.held.trial !== undefined
      await this.rest.until(looksAgain ? clock.monotonicMs() + LOOK_INTERVAL_MS : Number.POSITIVE_INFINITY)
    }
  }

  private async turn(): Promise<void> {
    const { kept, clock, kiosk } = this.parts
    if (kept.held.waiting !== undefined) return await this.bring(held => tried(held, this.at()))
    const trial = this.trial()
    if (trial === undefined) return
    const troubles = await kiosk.troubles()
    const verdict = judge(this.probation, { nowMs: clock.monotonicMs(), troubles }, trial)
    switch (verdict.name) {
      case 'wait':
        this.probation = verdict.probation
        return
      case 'keep':
        return await this.keep()
      case 'take-back':
        return await this.takeBack(verdict.troubles.map(trouble => errorOf(trouble, trial.limits)))
    }
  }

  /** What is judged, and by what; undefined while nothing is on trial. */
  private trial(): Trial | undefined {
    const { kept, base } = this.parts
    const { trial, ...rest } = kept.held
    if (trial === undefined) return undefined
    if (this.judged?.of !== trial) {
      const before = settingsOf(rest, base)
      const changes = changesBetween(before, settingsOf(kept.held, base))
      const as = {
        limits: before.probation,
        troublesBefore: trial.troubles,
        changesBroker: changes.some(({ path }) => path.startsWith('broker.')),
      }
      this.judged = { of: trial, as }
    }
    return this.judged.as
  }

  private async keep(): Promise<void> {
    const { kept, log } = this.parts
    this.inUse = await kept.change(confirmed)
    log.info('config-kept', { version: running(kept.held).version })
    this.tell()
  }

  private async takeBack(errors: readonly ConfigError[]): Promise<void> {
    await this.bring(held => takenBack(held, errors, this.at()))
  }

  /** Writes a change down, and lets the kiosk run by it: both while nobody is there. */
  private async bring(change: (held: Held) => Held): Promise<void> {
    const { kept, kiosk, base, log, clock } = this.parts
    while (!kiosk.isIdle) await this.idle()
    await kept.change(change)
    // Somebody may have come while the disk wrote; and what is held may have gone on.
    while (!kiosk.isIdle) await this.idle()
    const { held } = kept
    const settings = settingsOf(held, base)
    const effect = effectOf(changesBetween(this.settings, settings))
    this.settings = settings
    this.inUse = held
    this.probation = { sinceMs: clock.monotonicMs() }
    const { version, state, errors } = held.report
    log.info('config-used', {
      version: running(held).version,
      effect,
      about: version,
      state,
      ...firstOf(errors),
    })
    await kiosk.use(settings, effect)
    this.tell()
  }

  private async idle(): Promise<void> {
    const { signal } = this.stopping
    signal.throwIfAborted()
    await new Promise<void>(resolve => {
      const stop = this.parts.kiosk.onIdle(() => end())
      const end = () => {
        stop()
        signal.removeEventListener('abort', end)
        resolve()
      }
      signal.addEventListener('abort', end, { once: true })
      if (this.parts.kiosk.isIdle) end()
    })
    signal.throwIfAborted()
  }

  private tell(): void {
    const { broker, seal } = this.parts
    if (broker.connection === undefined) return
    const topic = kioskTopic(seal.kiosk, 'config/reported')
    const body = Buffer.from(JSON.stringify(this.report()))
    // What does not get through is said again with the next connection.
    broker.publish({ topic, body, qos: 1, retain: true }, this.stopping.signal).catch(() => {})
  }

  private at(): string {
    return new Date(this.parts.clock.nowMs()).toISOString()
  }
}

function firstOf([first]: readonly ConfigError[]): { code?: string; where?: string } {
  return first ? { code: first.code, where: first.where } : {}
}
