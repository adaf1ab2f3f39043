import type { Clock } from '../../../src/base/clock.ts'
import { KioskError } from '../../../src/base/errors.ts'
import type { I2cBus } from '../../ports/i2c-bus.ts'

/** What `report` calls the bus. */
const BUS = 'i2c'
const RETRY_MS = 250
/** A part that is resetting or measuring acknowledges nothing, and johnny-five does not always wait for it. */
const TRIES_MAX = 4
const TRY_MS = 5
const READERS_MAX = 32
const WAITING_MAX = 1000
/** As Firmata's. */
export const SAMPLING_MS = 19

/**
 * The I2C calls of one component. johnny-five calls and does not wait, and knows no failures: a driver whose read
 * brings nothing waits for ever. So a read that fails is tried again, with the write before it, until the part is
 * back; `report` hears how each transfer ended.
 */
export class ComponentI2c {
  /** When the last transfer ended, by the monotonic clock; undefined before the first. */
  lastMs: number | undefined
  samplingMs = SAMPLING_MS
  private readonly closing = new AbortController()
  private readonly lastWrite = new Map<number, Uint8Array>()
  private work: Promise<void> = Promise.resolve()
  private waiting = 0
  private readers = 0
  private readonly options: {
    readonly bus: I2cBus
    readonly clock: Clock
    readonly report: (where: string, failure: unknown) => void
  }

  constructor(options: ComponentI2c['options']) {
    this.options = options
  }

  write(address: number, bytes: readonly number[]): void {
    if (bytes.length === 0) return
    const data = Uint8Array.from(bytes)
    this.do(async () => {
      this.lastWrite.set(address, data)
      await this.patiently(address, data, 0)
    })
  }

  /** `register` is written before, where there is one. */
  readOnce(
    address: number,
    register: number | undefined,
    length: number,
    reader: (bytes: number[]) => void,
  ): void {
    if (this.readers === READERS_MAX) {
      this.options.report(BUS, new KioskError('hal/busy', { address }))
      return
    }
    this.readers++
    void this.untilRead(address, register, length)
      .then(bytes => {
        if (bytes !== undefined && !this.closing.signal.aborted) reader(bytes)
      })
      .catch(failure => this.options.report(BUS, failure))
      .finally(() => this.readers--)
  }

  /** Again and again, each `samplingMs`. */
  read(
    address: number,
    register: number | undefined,
    length: number,
    reader: (bytes: number[]) => void,
  ): void {
    this.readOnce(address, register, length, bytes => {
      reader(bytes)
      const again = () => this.read(address, register, length, reader)
      this.options.clock.sleep(this.samplingMs, this.closing.signal).then(again, () => {})
    })
  }

  /** One byte from `address`, to see that somebody is there. */
  async probe(address: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    await this.options.bus.transfer(address, [], 1, { timeoutMs, signal })
  }

  async settled(): Promise<void> {
    await this.work
  }

  async close(): Promise<void> {
    this.closing.abort()
    await this.work
  }

  /** Runs tasks one after the other. Resolves to undefined where it was closed before. */
  private do<T>(task: () => Promise<T>): Promise<T | undefined> {
    if (this.closing.signal.aborted) return Promise.resolve(undefined)
    if (this.waiting === WAITING_MAX) {
      this.options.report(BUS, new KioskError('hal/busy', { waiting: WAITING_MAX }))
      return Promise.resolve(undefined)
    }
    this.waiting++
    const done = this.work.then(async () => {
      this.waiting--
      if (this.closing.signal.aborted) return undefined
      try {
        const result = await task()
        this.options.report(BUS, undefined)
        return result
      } catch (failure) {
        this.options.report(BUS, failure)
        return undefined
      }
    })
    this.work = done.then(() => {})
    return done
  }

  private async untilRead(
    address: number,
    register: number | undefined,
    length: number,
  ): Promise<number[] | undefined> {
    for (let tries = 0; !this.closing.signal.aborted; tries++) {
      const bytes = await this.do(async () => {
        const write = this.lastWrite.get(address)
        if (tries > 0 && register === undefined && write !== undefined) {
          await this.patiently(address, write, 0)
          await this.options.clock.sleep(RETRY_MS, this.closing.signal)
        }
        return this.patiently(address, register === undefined ? [] : [register], length)
      })
      if (bytes !== undefined) return [...bytes]
      await this.options.clock.sleep(RETRY_MS, this.closing.signal).catch(() => {})
    }
    return undefined
  }

  private async patiently(
    address: number,
    write: ArrayLike<number>,
    readLength: number,
  ): Promise<Uint8Array> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.transfer(address, write, readLength)
      } catch (cause) {
        if (tries === TRIES_MAX || !(cause instanceof KioskError) || cause.code !== 'hal/no-answer')
          throw cause
      }
      await this.options.clock.sleep(TRY_MS, this.closing.signal)
    }
  }

  private async transfer(address: number, write: ArrayLike<number>, readLength: number): Promise<Uint8Array> {
    try {
      return await this.options.bus.transfer(address, write, readLength, { signal: this.closing.signal })
    } finally {
      this.lastMs = this.options.clock.monotonicMs()
    }
  }
}
