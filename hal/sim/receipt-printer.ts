import assert from 'node:assert'
import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import type { Reading } from '../ports/part.ts'
import { PartGate } from '../ports/part-gate.ts'
import { printThroughRefill } from '../ports/print-through-refill.ts'
import {
  type PrintOptions,
  paperReading,
  type Receipt,
  type ReceiptPrinter,
} from '../ports/receipt-printer.ts'
import { receiptPicture } from './receipt-picture.ts'
import { receiptText } from './receipt-text.ts'

const RECEIPT_LINES_MAX = 200
/** A roll is low once so few lines are left. */
const PAPER_LOW_LINES = 60

/** What comes out of the printer: the receipt as lines of characters, and as a PNG of its dots. */
export interface PrintedReceipt {
  readonly text: string
  readonly png: Uint8Array
}

export interface SimulatedPrinterOptions {
  readonly clock: Clock
  /** Called with each whole receipt before its `print` resolves. */
  readonly onReceipt: (receipt: PrintedReceipt) => void
  /** How long a line of the receipt takes. */
  readonly lineMs?: number
  /** Receipt lines on the roll. */
  readonly paperLines?: number
}

/** An 80 mm thermal printer that is not there. */
export class SimulatedReceiptPrinter implements ReceiptPrinter {
  readonly info = { model: 'simulated thermal printer', widthDots: 384, columns: 32 } as const
  private readonly gate = new PartGate()
  private readonly clock: Clock
  private readonly onReceipt: (receipt: PrintedReceipt) => void
  private readonly lineMs: number
  private paperLines: number
  private coverOpen = false
  private silent = false

  constructor({ clock, onReceipt, lineMs = 20, paperLines = 2000 }: SimulatedPrinterOptions) {
    this.clock = clock
    this.onReceipt = onReceipt
    this.lineMs = lineMs
    this.paperLines = paperLines
  }

  /** A fault, or a new roll: so many lines are left. With fewer than a receipt has, paper ends in its middle. */
  setPaper(lines: number): void {
    this.paperLines = lines
  }

  /** A fault: somebody opens or closes the cover. */
  setCover(position: 'open' | 'closed'): void {
    this.coverOpen = position === 'open'
  }

  /** A fault: while silent, the part takes bytes and answers nothing. */
  setSilent(silent: boolean): void {
    this.silent = silent
  }

  async open(): Promise<void> {
    await this.gate.open(async () => {
      if (this.silent) throw new KioskError('hal/no-answer')
    })
  }

  async status(): Promise<{ paper: 'ok' | 'low' | 'out'; coverOpen: boolean }> {
    this.gate.requireOpen()
    if (this.silent) throw new KioskError('hal/no-answer')
    const paper = this.paperLines === 0 ? 'out' : this.paperLines < PAPER_LOW_LINES ? 'low' : 'ok'
    return { paper, coverOpen: this.coverOpen }
  }

  async print(receipt: Receipt, options: PrintOptions): Promise<void> {
    assert(receipt.length <= RECEIPT_LINES_MAX, 'a receipt is short')
    const { timeoutMs, refillMs = 0 } = options
    return this.gate.run(options.signal, async signal => {
      const { clock } = this
      const nowMs = clock.monotonicMs()
      const deadlineMs = nowMs + timeoutMs
      await printThroughRefill({
        clock,
        signal,
        refillUntilMs: nowMs + Math.min(refillMs, timeoutMs),
        ready: async () => {
          if (!this.silent) this.requireReady()
        },
        print: () => this.printLines(receipt, { timeoutMs, deadlineMs, signal }),
      })
      this.onReceipt({
        text: receiptText(receipt, this.info.columns),
        png: receiptPicture(receipt, this.info.widthDots),
      })
    })
  }

  private async printLines(
    receipt: Receipt,
    { timeoutMs, deadlineMs, signal }: { timeoutMs: number; deadlineMs: number; signal: AbortSignal },
  ): Promise<void> {
    for (let line = 0; line < receipt.length; line++) {
      const leftMs = deadlineMs - this.clock.monotonicMs()
      const neededMs = this.silent ? Number.POSITIVE_INFINITY : this.lineMs
      if (neededMs <= leftMs) this.requireReady()
      await this.clock.sleep(Math.min(neededMs, leftMs), signal)
      if (neededMs > leftMs) throw new KioskError('hal/no-answer', { timeoutMs })
      this.paperLines--
    }
  }

  async diagnose(options: { timeoutMs: number; signal: AbortSignal }): Promise<readonly Reading[]> {
    return this.gate.run(options.signal, async () => {
      const { paper } = await this.status()
      this.requireReady()
      return [{ name: 'model', value: this.info.model }, paperReading(paper)]
    })
  }

  async close(): Promise<void> {
    this.gate.close()
  }

  private requireReady(): void {
    if (this.coverOpen) throw new KioskError('hal/cover-open')
    if (this.paperLines <= 0) throw new KioskError('hal/paper-out')
  }
}
