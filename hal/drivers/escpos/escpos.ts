import type { Clock } from '../../../src/base/clock.ts'
import { KioskError } from '../../../src/base/errors.ts'
import type { BytePort } from '../../ports/byte-port.ts'
import type { Reading } from '../../ports/part.ts'
import { PartGate } from '../../ports/part-gate.ts'
import { printThroughRefill } from '../../ports/print-through-refill.ts'
import {
  type Picture,
  type PrintOptions,
  paperReading,
  type Receipt,
  type ReceiptPrinter,
} from '../../ports/receipt-printer.ts'
import { within } from '../../ports/within.ts'
import {
  ASK_WHEN_PRINTED,
  askStatus,
  CLEAR_BUFFERS,
  encodeReceipt,
  faultsOf,
  hasError,
  hasPaperStopped,
  isCoverOpen,
  isOffline,
  kindOfReply,
  paperOf,
  type StatusSubject,
} from './encode.ts'

export interface EscPosOptions {
  readonly port: BytePort
  readonly clock: Clock
  readonly model?: string
  /** 384 on 58 mm paper, 576 on 80 mm. */
  readonly widthDots?: number
  /** Fetches what stands above every receipt; where that rejects, the printer does not open. */
  readonly logo?: () => Promise<Picture>
}

const FONT_A_DOTS = 12
const REPLY_TIMEOUT_MS = 1000
/** For a piece: at 9600 baud it takes 0.3 s. */
const SEND_TIMEOUT_MS = 3000
/** While a receipt prints, faults are asked for this often. */
const WATCH_MS = 250
/** Small enough to stop soon, and for the least receive buffer. */
const PIECE_BYTES = 256

/** A thermal printer that speaks ESC/POS, over USB, serial or TCP. */
export class EscPosPrinter implements ReceiptPrinter {
  readonly info: ReceiptPrinter['info']
  private readonly gate = new PartGate()
  private readonly port: BytePort
  private readonly clock: Clock
  private readonly fetchLogo: EscPosOptions['logo']
  private logo: Receipt = []
  private linked = false
  private onStatus: ((byte: number) => void) | undefined
  private onPrinted: (() => void) | undefined
  /** Replies do not say what they reply to, so questions wait for each other. */
  private lastQuestion: Promise<unknown> = Promise.resolve()

  constructor({ port, clock, model = 'ESC/POS printer', widthDots = 384, logo }: EscPosOptions) {
    this.fetchLogo = logo
    this.info = { model, widthDots, columns: Math.floor(widthDots / FONT_A_DOTS) }
    this.port = port
    this.clock = clock
    port.onBytes(bytes => {
      for (const byte of bytes) {
        const kind = kindOfReply(byte)
        if (kind === 'status') this.onStatus?.(byte)
        else if (kind === 'printed') this.onPrinted?.()
      }
    })
  }

  async open(): Promise<void> {
    await this.gate.open(async () => {
      if (this.fetchLogo !== undefined) this.logo = [{ picture: await this.fetchLogo() }]
      await this.link()
      await this.ask('offline')
    })
  }

  async status(): Promise<{ paper: 'ok' | 'low' | 'out'; coverOpen: boolean }> {
    this.gate.requireOpen()
    await this.link()
    return { paper: paperOf(await this.ask('paper')), coverOpen: isCoverOpen(await this.ask('offline')) }
  }

  async print(receipt: Receipt, options: PrintOptions): Promise<void> {
    const { timeoutMs, refillMs = 0 } = options
    const nowMs = this.clock.monotonicMs()
    const deadlineMs = nowMs + timeoutMs
    const bytes = encodeReceipt([...this.logo, ...receipt], this.info.columns)
    return this.gate.run(options.signal, async signal => {
      const wait = { deadlineMs, signal }
      await this.link()
      await printThroughRefill({
        clock: this.clock,
        signal,
        refillUntilMs: nowMs + Math.min(refillMs, timeoutMs),
        ready: () => this.requireReady(wait),
        print: () => this.printOnce(bytes, wait),
      })
    })
  }

  private async printOnce(bytes: Uint8Array, wait: Required<Wait>): Promise<void> {
    const { deadlineMs, signal } = wait
    let printed = false
    this.onPrinted = () => {
      printed = true
    }
    try {
      for (let at = 0; at < bytes.length; at += PIECE_BYTES)
        await this.send(bytes.subarray(at, at + PIECE_BYTES), wait)
      await this.send(ASK_WHEN_PRINTED, wait)
      while (!printed) {
        await this.clock.sleep(Math.min(WATCH_MS, this.leftMs(deadlineMs)), signal)
        if (!printed) await this.requireReady(wait)
      }
    } catch (cause) {
      // Or its rest would come out above the next receipt once the paper is refilled.
      await this.within(REPLY_TIMEOUT_MS, this.port.write(CLEAR_BUFFERS)).catch(() => {})
      throw cause
    } finally {
      this.onPrinted = undefined
    }
  }

  async diagnose(options: { timeoutMs: number; signal: AbortSignal }): Promise<readonly Reading[]> {
    const deadlineMs = this.clock.monotonicMs() + options.timeoutMs
    return this.gate.run(options.signal, async signal => {
      await this.link()
      const paper = await this.requireReady({ deadlineMs, signal })
      return [{ name: 'model', value: this.info.model }, paperReading(paper)]
    })
  }

  async close(): Promise<void> {
    this.gate.close()
    await this.port.close()
  }

  /** After a silence the cord may have been pulled and plugged: opens the line anew. */
  private async link(): Promise<void> {
    if (this.linked) return
    await this.port.close()
    await this.port.open()
    this.linked = true
  }

  /**
   * How the paper is; rejects where it could not print now. A printer that is offline for no reason is asked once
   * more: the reason may have come up between two questions.
   */
  private async requireReady(wait: Wait): Promise<'ok' | 'low'> {
    for (let tries = 0; tries < 2; tries++) {
      const cause = await this.ask('offline', wait)
      if (isCoverOpen(cause)) throw new KioskError('hal/cover-open')
      const paper = paperOf(await this.ask('paper', wait))
      if (paper === 'out' || hasPaperStopped(cause)) throw new KioskError('hal/paper-out')
      if (hasError(cause)) throw new KioskError('hal/part-fault', faultsOf(await this.ask('error', wait)))
      if (!isOffline(await this.ask('printer', wait))) return paper
    }
    throw new KioskError('hal/part-fault', { offline: true })
  }

  /** Hands bytes to the line; `hal/no-answer` where it takes them no more: a printer that stopped, its buffer full. */
  private async send(bytes: Uint8Array, { deadlineMs, signal }: Required<Wait>): Promise<void> {
    const timeoutMs = Math.min(SEND_TIMEOUT_MS, this.leftMs(deadlineMs))
    await this.within(timeoutMs, this.port.write(bytes), signal).catch((cause: unknown) => {
      this.linked = false
      throw cause
    })
  }

  private within<T>(timeoutMs: number, work: Promise<T>, signal = new AbortController().signal): Promise<T> {
    return within(work, { clock: this.clock, timeoutMs, signal })
  }

  private leftMs(deadlineMs: number): number {
    const leftMs = deadlineMs - this.clock.monotonicMs()
    if (leftMs <= 0) throw new KioskError('hal/no-answer')
    return leftMs
  }

  /** One status byte; rejects with `hal/no-answer` after a second, or at the deadline. */
  private ask(subject: StatusSubject, wait: Wait = {}): Promise<number> {
    const answer = this.lastQuestion.then(() => this.askNow(subject, wait))
    this.lastQuestion = answer.catch(() => {})
    return answer
  }

  private async askNow(subject: StatusSubject, { deadlineMs, signal }: Wait): Promise<number> {
    const leftMs = (deadlineMs ?? Number.POSITIVE_INFINITY) - this.clock.monotonicMs()
    const timeoutMs = Math.max(0, Math.min(REPLY_TIMEOUT_MS, leftMs))
    const untilMs = this.clock.monotonicMs() + timeoutMs
    const answered = new AbortController()
    const stop = signal === undefined ? answered.signal : AbortSignal.any([answered.signal, signal])
    let status: number | undefined
    this.onStatus = byte => {
      status = byte
      answered.abort()
    }
    try {
      await this.within(timeoutMs, this.port.write(askStatus(subject)), signal)
      await this.clock.sleep(untilMs - this.clock.monotonicMs(), stop).catch(() => {})
      signal?.throwIfAborted()
      if (status === undefined) throw new KioskError('hal/no-answer', { subject })
      return status
    } catch (cause) {
      this.linked = false
      throw cause
    } finally {
      this.onStatus = undefined
    }
  }
}

interface Wait {
  readonly deadlineMs?: number
  readonly signal?: AbortSignal
}
