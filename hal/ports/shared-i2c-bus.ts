import assert from 'node:assert'
import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import {
  I2C_BYTES_MAX,
  I2C_TIMEOUT_MS,
  type I2cBus,
  type I2cController,
  type I2cTransferOptions,
} from './i2c-bus.ts'
import { within } from './within.ts'

/** Opening may load native code from a slow card. */
const OPEN_TIMEOUT_MS = 5000
const TRIES_MAX = 4
const RETRY_MS = 2
const WAITING_MAX = 64
const ADDRESS_MAX = 0x7f

/** After these the open bus is not what it was: the next transfer opens it anew. */
const SUSPECT_ERRNOS: readonly string[] = ['EIO', 'ETIMEDOUT', 'EBUSY', 'EBADF', 'ENODEV', 'EPROTO']

/**
 * One controller for all parts on its wires: `handle` gives each part a bus of its own.
 *
 * A transfer takes its turn, is repeated where another master won the wires (`EAGAIN`), and is left behind when its
 * time is over. What was left behind may still hold the wires, so nobody else gets a turn until the kernel has given
 * it up; until then others time out. That also means one stuck thread a bus, never more.
 *
 * A bus that failed is closed and opened again before its next use. More cannot be done from user space: the clock
 * pulses that free a part which holds its data line down are the kernel driver's to give (it does so where it knows
 * how), and what then still hangs needs its power switched off.
 */
export class SharedI2cBus {
  private readonly controller: I2cController
  private readonly clock: Clock
  private readonly waiting: (() => void)[] = []
  private users = 0
  private taken = false
  private isOpen = false
  /** The last thing the kernel was asked to do; settled for most of the time. */
  private leftBehind: Promise<void> = Promise.resolve()

  constructor({ controller, clock }: { controller: I2cController; clock: Clock }) {
    this.controller = controller
    this.clock = clock
  }

  handle(): I2cBus {
    let isOpen = false
    return {
      open: async () => {
        if (isOpen) return
        isOpen = true
        this.users++
        try {
          await this.inTurn({ timeoutMs: OPEN_TIMEOUT_MS }, (deadlineMs, signal) =>
            this.reopen(deadlineMs, signal),
          )
        } catch (cause) {
          this.users--
          isOpen = false
          throw cause
        }
      },
      transfer: async (address, write, readLength, options = {}) => {
        if (!isOpen) throw new KioskError('hal/not-open')
        assert(address >= 0 && address <= ADDRESS_MAX, 'seven bits of address')
        assert(write.length + readLength > 0, 'something to do')
        assert(write.length <= I2C_BYTES_MAX && readLength <= I2C_BYTES_MAX, 'a short transfer')
        return this.transfer(address, Uint8Array.from(write), readLength, options)
      },
      close: async () => {
        if (!isOpen) return
        isOpen = false
        this.users--
        if (this.users === 0) await this.shut()
      },
    }
  }

  private async transfer(
    address: number,
    write: Uint8Array,
    readLength: number,
    options: I2cTransferOptions,
  ): Promise<Uint8Array> {
    return this.inTurn(options, async (deadlineMs, signal) => {
      await this.reopen(deadlineMs, signal)
      for (let tries = 1; ; tries++) {
        try {
          return await this.attempt(this.controller.transfer(address, write, readLength), deadlineMs, signal)
        } catch (cause) {
          const errno = errnoOf(cause)
          if (SUSPECT_ERRNOS.includes(errno)) this.isOpen = false
          const leftMs = deadlineMs - this.clock.monotonicMs()
          if (errno !== 'EAGAIN' || tries === TRIES_MAX || leftMs <= RETRY_MS * tries)
            throw busError(cause, this.controller.name, address)
          await this.clock.sleep(RETRY_MS * tries, signal)
        }
      }
    })
  }

  /** What `work` settles to, unless time or caller end before it; then the turn goes on until it has settled. */
  private async attempt<T>(work: Promise<T>, deadlineMs: number, signal: AbortSignal): Promise<T> {
    let settled = false
    const end = () => {
      settled = true
    }
    this.leftBehind = work.then(end, end)
    try {
      const timeoutMs = Math.max(0, deadlineMs - this.clock.monotonicMs())
      return await within(work, { clock: this.clock, timeoutMs, signal })
    } catch (cause) {
      if (!settled) this.isOpen = false
      throw cause
    }
  }

  private async inTurn<T>(
    { timeoutMs = I2C_TIMEOUT_MS, signal = new AbortController().signal }: I2cTransferOptions,
    task: (deadlineMs: number, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted()
    const deadlineMs = this.clock.monotonicMs() + timeoutMs
    await this.takeTurn(deadlineMs, signal)
    try {
      return await task(deadlineMs, signal)
    } finally {
      void this.leftBehind.then(() => this.passTurn())
    }
  }

  private async takeTurn(deadlineMs: number, signal: AbortSignal): Promise<void> {
    if (!this.taken) {
      this.taken = true
      return
    }
    if (this.waiting.length === WAITING_MAX) throw new KioskError('hal/busy', { bus: this.controller.name })
    let wake = () => {}
    const turn = new Promise<void>(resolve => {
      wake = resolve
    })
    this.waiting.push(wake)
    try {
      await within(turn, { clock: this.clock, timeoutMs: deadlineMs - this.clock.monotonicMs(), signal })
    } catch (cause) {
      const at = this.waiting.indexOf(wake)
      if (at >= 0) this.waiting.splice(at, 1)
      else this.passTurn()
      throw cause
    }
  }

  private passTurn(): void {
    const next = this.waiting.shift()
    if (next === undefined) this.taken = false
    else next()
  }

  private async reopen(deadlineMs: number, signal: AbortSignal): Promise<void> {
    if (this.isOpen) return
    await this.controller.close().catch(() => {})
    try {
      await this.attempt(this.controller.open(), deadlineMs, signal)
      this.isOpen = true
    } catch (cause) {
      throw busError(cause, this.controller.name)
    }
  }

  private async shut(): Promise<void> {
    const close = async () => {
      if (this.users > 0) return
      this.isOpen = false
      await this.controller.close().catch(() => {})
    }
    // A bus that hangs is not waited for: its files are closed once it gives up.
    await this.inTurn({}, close).catch(() => void this.leftBehind.then(close))
  }
}

function errnoOf(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code
  return typeof code === 'string' ? code : 'unknown'
}

/** What the kernel's refusals mean on a bus, and what to do. */
export function busError(cause: unknown, bus: string, address?: number): unknown {
  if (cause instanceof KioskError || errnoOf(cause) === 'unknown') return cause
  const errno = errnoOf(cause)
  const where: Record<string, string> =
    address === undefined ? { bus } : { bus, address: `0x${address.toString(16)}` }
  switch (errno) {
    case 'EACCES':
    case 'EPERM':
      return new KioskError(
        'hal/no-permission',
        { ...where, remedy: 'put the user into the group i2c' },
        { cause },
      )
    case 'ENOENT':
      return new KioskError(
        'hal/no-bus',
        { ...where, remedy: 'dtparam=i2c_arm=on in config.txt (or its dtoverlay=), and modprobe i2c-dev' },
        { cause },
      )
    case 'EBUSY':
      return new KioskError(
        'hal/in-use',
        { ...where, remedy: 'a kernel driver holds this address: take its dtoverlay= out' },
        { cause },
      )
    case 'EOPNOTSUPP':
    case 'ENOTSUP':
      return new KioskError('hal/unsupported', { ...where, errno }, { cause })
    case 'EAGAIN':
      return new KioskError('hal/busy', { ...where, remedy: 'another master keeps the bus' }, { cause })
    default:
      return new KioskError('hal/no-answer', { ...where, errno }, { cause })
  }
}
