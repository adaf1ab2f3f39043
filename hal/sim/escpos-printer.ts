import type { Clock } from '../../src/base/clock.ts'
import type { ReceiptLine } from '../ports/receipt-printer.ts'
import type { PartEnd } from './duplex.ts'
import { type EscPosToken, EscPosTokens } from './escpos-tokens.ts'
import { receiptPicture } from './receipt-picture.ts'
import type { PrintedReceipt } from './receipt-printer.ts'
import { receiptText } from './receipt-text.ts'

const FONT_A_DOTS = 12
const PAPER_LOW_LINES = 60
const BUFFERED_TOKENS_MAX = 20_000
const LOOK_MS = 10
const DOTS_A_LINE = 24
const HORIZONTAL_LINE_437 = 0xc4

export interface EscPosSimulatorOptions {
  readonly line: PartEnd
  readonly clock: Clock
  readonly onReceipt: (receipt: PrintedReceipt) => void
  readonly widthDots?: number
  readonly lineMs?: number
}

/** A thermal printer, as it is seen from its line: prints what it has buffered while it has paper and its cover is shut. */
export class EscPosSimulator {
  /** Lines left on the roll. */
  paperLines = 2000
  coverOpen = false
  /** A fault: the cutter is stuck, or somebody pressed the button that takes it offline. */
  fault: 'none' | 'cutter' | 'offline' = 'none'
  private silent = false
  private readonly tokens = new EscPosTokens()
  private readonly options: Required<EscPosSimulatorOptions>
  private buffer: EscPosToken[] = []
  private working = false
  private paper: ReceiptLine[] = []
  private text = ''
  private style = { centre: false, bold: false, large: false }
  private qr = ''

  constructor({ widthDots = 384, lineMs = 20, ...options }: EscPosSimulatorOptions) {
    this.options = { ...options, widthDots, lineMs }
    options.line.onBytes(bytes => {
      for (const token of this.tokens.push(bytes)) this.hear(token)
    })
  }

  /** A fault: hangs; when it is back (somebody switched it off and on) its buffer is empty. */
  setSilent(silent: boolean): void {
    this.silent = silent
    this.clear()
  }

  private hear(token: EscPosToken): void {
    if (this.silent) return
    const { name, parameters } = token
    if (name === 'DLE EOT') this.options.line.write(Uint8Array.of(this.statusByte(parameters[0])))
    else if (name === 'DLE DC4' || name === 'DLE ENQ') this.clear()
    else if (this.buffer.length < BUFFERED_TOKENS_MAX) {
      this.buffer.push(token)
      void this.work()
    }
  }

  private statusByte(subject: number): number {
    const out = this.paperLines <= 0
    const stuck = this.fault === 'cutter'
    if (subject === 2) return 0x12 | (this.coverOpen ? 0x04 : 0) | (out ? 0x20 : 0) | (stuck ? 0x40 : 0)
    if (subject === 3) return 0x12 | (stuck ? 0x08 : 0)
    if (subject === 4) return 0x12 | (out ? 0x6c : this.paperLines < PAPER_LOW_LINES ? 0x0c : 0)
    return 0x12 | (out || this.coverOpen || this.fault !== 'none' ? 0x08 : 0)
  }

  private clear(): void {
    this.buffer = []
    this.paper = []
    this.text = ''
  }

  private async work(): Promise<void> {
    if (this.working) return
    this.working = true
    for (let token = this.buffer.shift(); token !== undefined; token = this.buffer.shift()) {
      const lines = this.obey(token)
      for (let line = 0; line < lines; line++) await this.advancePaper()
      if (token.name === 'GS V' && !this.silent) this.cut()
    }
    this.working = false
  }

  /** One line of paper, once there is paper and the cover is shut. */
  private async advancePaper(): Promise<void> {
    const { clock, lineMs } = this.options
    while ((this.coverOpen || this.paperLines <= 0) && this.buffer.length > 0) await clock.sleep(LOOK_MS)
    await clock.sleep(lineMs)
    this.paperLines = Math.max(0, this.paperLines - 1)
  }

  /** Does what a token says; how many lines of paper that takes. */
  private obey({ name, parameters }: EscPosToken): number {
    switch (name) {
      case 'text':
        this.text += parameters[0] === HORIZONTAL_LINE_437 ? '─' : String.fromCharCode(parameters[0])
        return 0
      case 'LF':
        this.endLine()
        return 1
      case 'ESC @':
        this.text = ''
        this.style = { centre: false, bold: false, large: false }
        return 0
      case 'ESC a':
        this.style.centre = parameters[0] === 1
        return 0
      case 'ESC E':
        this.style.bold = (parameters[0] & 1) !== 0
        return 0
      case 'GS !':
        this.style.large = parameters[0] !== 0
        return 0
      case 'ESC d':
        this.paper.push({ feedLines: parameters[0] })
        return parameters[0]
      case 'GS (':
        return this.symbol(parameters.slice(3))
      case 'GS v':
        return this.picture(parameters)
      case 'GS r':
        this.options.line.write(Uint8Array.of(0))
        return 0
      default:
        return 0
    }
  }

  private endLine(): void {
    const { centre, bold, large } = this.style
    const isRule = this.text !== '' && /^─+$/.test(this.text)
    this.paper.push(
      isRule ? { rule: true } : { text: this.text, align: centre ? 'centre' : 'left', bold, large },
    )
    this.text = ''
  }

  /** A function of GS ( k for QR codes: 80 stores, 81 prints. */
  private symbol([type, what, , ...data]: readonly number[]): number {
    if (type !== 0x31) return 0
    if (what === 0x50) this.qr = new TextDecoder().decode(Uint8Array.from(data))
    if (what !== 0x51 || this.qr === '') return 0
    this.paper.push({ qr: this.qr })
    return 8
  }

  /** GS v 0: a band of dots; bands that follow each other are one picture. */
  private picture([, , xLow, xHigh, yLow, yHigh, ...data]: readonly number[]): number {
    const widthDots = 8 * (xLow + 256 * xHigh)
    const dots = data.flatMap(byte => Array.from({ length: 8 }, (_, bit) => (byte >> (7 - bit)) & 1))
    const last = this.paper.at(-1)
    const isNext = last !== undefined && 'picture' in last && last.picture.widthDots === widthDots
    if (isNext) this.paper.pop()
    const above = isNext ? [...last.picture.dots] : []
    this.paper.push({ picture: { widthDots, dots: Uint8Array.from([...above, ...dots]) } })
    return Math.ceil((yLow + 256 * yHigh) / DOTS_A_LINE)
  }

  private cut(): void {
    const receipt = this.paper
    this.paper = []
    if (receipt.length === 0) return
    const { widthDots, onReceipt } = this.options
    onReceipt({
      text: receiptText(receipt, Math.floor(widthDots / FONT_A_DOTS)),
      // Drawn for whoever looks at it: on a small machine that takes seconds.
      get png() {
        return receiptPicture(receipt, widthDots)
      },
    })
  }
}
