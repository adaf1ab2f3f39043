import type { Clock } from '../../src/base/clock.ts'
import { type ErrorCode, KioskError } from '../../src/base/errors.ts'
import { backoffMs } from '../../src/base/retry.ts'
import type { BoardPart, PartKind, Reading } from '../ports/part.ts'
import { within } from '../ports/within.ts'
import type { Part } from './board.ts'
import type { DeviceByKind } from './part-driver.ts'

/** Until now and then a part that nobody uses is asked whether it is still there. */
const WATCH_MS = 30_000
const WATCH_TIMEOUT_MS = 3000
/** A module on the slowest line is found within 3 s, a printer that starts within 5. */
const OPEN_TIMEOUT_MS = 10_000
const RETRY = { backoffMsMin: 1000, backoffMsMax: 30_000 }

/** These say that a part works, though it cannot do what was asked. */
const notFaults: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'hal/not-open',
  'hal/busy',
  'hal/no-finger',
  'hal/bad-capture',
  'hal/no-card',
  'hal/unsupported',
])

type Request = { readonly timeoutMs: number; readonly signal: AbortSignal }

/** A part of an opened board, and its device for those who use it. */
export interface OpenPart<Kind extends PartKind = PartKind> extends BoardPart {
  readonly kind: Kind
  /** For facts and listeners; calls that may fail go through `use`, so that the board knows. */
  readonly device: DeviceByKind[Kind]
  /**
   * A call of the device, for a visit: questions of technicians give way to it. A part that could not be opened
   * rejects with its code; how the call ends decides whether the part is up or down.
   */
  use<T>(call: (device: DeviceByKind[Kind]) => Promise<T>): Promise<T>
}

/**
 * One part, kept alive: opened until that succeeds, asked now and then whether it is there, and asked more often
 * while it is not. It lives from `start` to `close`. Nothing that the part does reaches the runtime but as a state.
 *
 * Always true: one call of the device at a time comes from here, and a probe never makes a visit wait longer than
 * the device takes to heed an abort.
 */
export class SupervisedPart implements OpenPart {
  readonly name: string
  readonly driver: string
  readonly on: Readonly<Record<string, string>>
  state: BoardPart['state'] = { up: false, code: 'hal/not-open', detail: 'not opened yet' }
  private readonly closing = new AbortController()
  private opened = false
  private failures = 0
  private wake = new AbortController()
  private probing: { readonly stop: AbortController; readonly done: Promise<unknown> } | undefined
  private watching: Promise<void> = Promise.resolve()

  constructor(
    part: Part,
    readonly kind: PartKind,
    readonly device: DeviceByKind[PartKind],
    private readonly clock: Clock,
    private readonly onState: (part: BoardPart) => void,
  ) {
    this.name = part.name
    this.driver = part.driver
    this.on = wiringTexts(part.on)
  }

  /** Resolves after the first try to open it, however that ended. */
  async start(): Promise<void> {
    await this.tryToOpen()
    this.watching = this.watch()
  }

  async use<T>(call: (device: DeviceByKind[PartKind]) => Promise<T>): Promise<T> {
    this.requireOpened()
    this.probing?.stop.abort(new KioskError('hal/busy', { part: this.name }))
    await this.probing?.done
    return this.learnFrom(() => call(this.device))
  }

  async diagnose({ timeoutMs, signal }: Request): Promise<readonly Reading[]> {
    this.requireOpened()
    if (this.probing !== undefined) throw new KioskError('hal/busy', { part: this.name })
    const stop = new AbortController()
    const asking = this.learnFrom(() =>
      this.device.diagnose({ timeoutMs, signal: AbortSignal.any([signal, stop.signal]) }),
    )
    const done = asking.then(
      () => {},
      () => {},
    )
    this.probing = { stop, done }
    try {
      return await asking
    } finally {
      this.probing = undefined
    }
  }

  async close(): Promise<void> {
    this.closing.abort(new KioskError('hal/not-open', { part: this.name }))
    await this.device.close().catch(() => {})
    await this.watching
  }

  private requireOpened(): void {
    if (this.closing.signal.aborted) throw new KioskError('hal/not-open', { part: this.name })
    if (!this.opened && !this.state.up) throw new KioskError(this.state.code, { part: this.name })
  }

  private async watch(): Promise<void> {
    while (!this.closing.signal.aborted) {
      const pauseMs = this.state.up ? WATCH_MS : backoffMs(RETRY, this.failures, () => 1)
      this.wake = new AbortController()
      const signal = AbortSignal.any([this.closing.signal, this.wake.signal])
      const slept = await this.clock.sleep(pauseMs, signal).then(
        () => true,
        () => false,
      )
      if (!slept) continue
      if (!this.opened) await this.tryToOpen()
      else await this.diagnose({ timeoutMs: WATCH_TIMEOUT_MS, signal: this.closing.signal }).catch(() => {})
    }
  }

  private async tryToOpen(): Promise<void> {
    const { signal } = this.closing
    try {
      await within(this.device.open(), { clock: this.clock, timeoutMs: OPEN_TIMEOUT_MS, signal })
    } catch (cause) {
      // Whatever a driver stumbles over while it opens, its kiosk carries on without the part.
      const fault = faultOf(cause) ?? { code: 'hal/bad-answer', detail: String(cause) }
      const isStillOpening = cause instanceof KioskError && cause.code === 'hal/busy'
      if (!isStillOpening && !signal.aborted) this.become({ up: false, ...fault })
      return
    }
    this.opened = true
    await this.learnFrom(() => this.device.diagnose({ timeoutMs: WATCH_TIMEOUT_MS, signal })).catch(cause => {
      // One that opened, and is too busy to be asked, is there.
      if (faultOf(cause) === undefined && !signal.aborted) this.become({ up: true })
    })
  }

  /** Does `call`, and believes of the part what its end says; passes that on. */
  private async learnFrom<T>(call: () => Promise<T>): Promise<T> {
    try {
      const result = await call()
      this.become({ up: true })
      return result
    } catch (cause) {
      const fault = faultOf(cause)
      if (fault !== undefined && !this.closing.signal.aborted) this.become({ up: false, ...fault })
      throw cause
    }
  }

  private become(state: BoardPart['state']): void {
    const before = this.state
    this.failures = state.up ? 0 : this.failures + 1
    this.state = state
    const isNews = before.up !== state.up || (!before.up && !state.up && before.code !== state.code)
    if (!isNews || this.closing.signal.aborted) return
    // It sleeps as long as suits the state before.
    this.wake.abort()
    this.onState(this)
  }
}

/** What a failure says of its part; undefined where it says nothing. */
function faultOf(cause: unknown): { code: ErrorCode; detail: string } | undefined {
  if (!(cause instanceof KioskError) || notFaults.has(cause.code)) return undefined
  return { code: cause.code, detail: cause.message }
}

/** Wiring as the file has it; groups of pins are named `group.pin`. */
function wiringTexts(on: unknown, prefix = ''): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [name, value] of Object.entries(on ?? {})) {
    if (typeof value === 'string') texts[prefix + name] = value
    else if (typeof value === 'object' && value !== null)
      Object.assign(texts, wiringTexts(value, `${prefix}${name}.`))
  }
  return texts
}
