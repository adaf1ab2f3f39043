import type { Clock } from '../../../src/base/clock.ts'
import { KioskError } from '../../../src/base/errors.ts'
import type { BytePort } from '../../ports/byte-port.ts'
import type { Reading } from '../../ports/part.ts'
import { PartGate } from '../../ports/part-gate.ts'
import type { Receipt, ReceiptPrinter } from '../../ports/receipt-printer.ts'
import {
  ASK_WHEN_PRINTED,
  askStatus,
  CLEAR_BUFFERS,
  encodeReceipt,
  isCoverOpen,
  kindOfReply,
  paperOf,
} from './encode.ts'

export interface EscPosOptions {
  readonly port: BytePort
  readonly clock: Clock
  readonly model?: string
  /** 384 on 58 mm paper, 576 on 80 mm. */
  readonly widthDots?: number
}

const FONT_A_DOTS = 12
const REPLY_TIMEOUT_MS = 1000
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
  private linked = false
  private onStatus: ((byte: number) => void) | undefined
  private onPrinted: (() => void) | undefined
  /** Replies do not say what they reply to, so questions wait for each other. */
  private lastQuestion: Promise<unknown> = Promise.resolve()

  constructor({ port, clock, model = 'ESC/POS printer', widthDots = 384 }: EscPosOptions) {
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
      await this.link()
      await this.ask('offline')
    })
  }

  async status(): Promise<{ paper: 'ok' | 'low' | 'out'; coverOpen: boolean }> {
    this.gate.requireOpen()
    await this.link()
    return { paper: paperOf(await this.ask('paper')), coverOpen: isCoverOpen(await this.ask('offline')) }
  }

  async print(receipt: Receipt, options: { timeoutMs: number; signal: AbortSignal }): Promise<void> {
    const deadlineMs = this.clock.monotonicMs() + options.timeoutMs
    const bytes = encodeReceipt(receipt, this.info.columns)
    return this.gate.run(options.signal, async signal => {
      await this.link()
      let printed = false
      this.onPrinted = () => {
        printed = true
      }
      try {
        await this.requireReady({ deadlineMs, signal })
        for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
          signal.throwIfAborted()
          await this.port.write(bytes.subarray(at, at + PIECE_BYTES))
        }
        await this.port.write(ASK_WHEN_PRINTED)
        while (!printed) {
          const leftMs = deadlineMs - this.clock.monotonicMs()
          if (leftMs <= 0) throw new KioskError('hal/no-answer', { timeoutMs: options.timeoutMs })
          await this.clock.sleep(Math.min(WATCH_MS, leftMs), signal)
          if (!printed) await this.requireReady({ deadlineMs, signal })
        }
      } catch (cause) {
        // Or its rest would come out above the next citizen's receipt once the paper is refilled.
        await this.port.write(CLEAR_BUFFERS).catch(() => {})
        throw cause
      } finally {
        this.onPrinted = undefined
      }
    })
  }

  async diagnose(options: { timeoutMs: number; signal: AbortSignal }): Promise<readonly Reading[]> {
    const deadlineMs = this.clock.monotonicMs() + options.timeoutMs
    return this.gate.run(options.signal, async signal => {
      await this.link()
      const paper = await this.requireReady({ deadlineMs, signal })
      return [
        { name: 'model', value: this.info.model },
        { name: 'paper', value: paper },
      ]
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

  /** How the paper is; rejects where it could not print now. */
  private async requireReady(wait: Wait): Promise<'ok' | 'low'> {
    if (isCoverOpen(await this.ask('offline', wait))) throw new KioskError('hal/cover-open')
    const paper = paperOf(await this.ask('paper', wait))
    if (paper === 'out') throw new KioskError('hal/paper-out')
    return paper
  }

  /** One status byte; rejects with `hal/no-answer` after a second, or at the deadline. */
  private ask(subject: 'offline' | 'paper', wait: Wait = {}): Promise<number> {
    const answer = this.lastQuestion.then(() => this.askNow(subject, wait))
    this.lastQuestion = answer.catch(() => {})
    return answer
  }

  private async askNow(subject: 'offline' | 'paper', { deadlineMs, signal }: Wait): Promise<number> {
    const leftMs = (deadlineMs ?? Number.POSITIVE_INFINITY) - this.clock.monotonicMs()
    const answered = new AbortController()
    const stop = signal === undefined ? answered.signal : AbortSignal.any([answered.signal, signal])
    let status: number | undefined
    this.onStatus = byte => {
      status = byte
      answered.abort()
    }
    try {
      await this.port.write(askStatus(subject))
      await this.clock.sleep(Math.max(0, Math.min(REPLY_TIMEOUT_MS, leftMs)), stop).catch(() => {})
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
