import { createHash } from 'node:crypto'
import type { Clock } from '../../../src/base/clock.ts'
import { KioskError } from '../../../src/base/errors.ts'
import {
  type DocumentPrinter,
  type DocumentPrinterStatus,
  mediaReading,
  type PrintDocument,
  type PrintDocumentOptions,
} from '../../ports/document-printer.ts'
import type { IppExchange } from '../../ports/ipp-exchange.ts'
import type { Reading } from '../../ports/part.ts'
import { PartGate } from '../../ports/part-gate.ts'
import { paperReading } from '../../ports/receipt-printer.ts'
import { within } from '../../ports/within.ts'
import {
  badAnswer,
  decodeMessage,
  encodeMessage,
  type IppAttribute,
  type IppValue,
  type ReadIppMessage,
} from './codec.ts'
import { jobCondition, type PrinterCondition, printerCondition } from './condition.ts'
import { IPP_JOB_STATE, IPP_OPERATION, IPP_STATUS } from './numbers.ts'

const PRINTER_ATTRIBUTES = [
  'printer-state',
  'printer-state-reasons',
  'printer-is-accepting-jobs',
  'printer-make-and-model',
  'media-ready',
  'document-format-supported',
]
const JOB_ATTRIBUTES = ['job-name', 'job-state', 'job-state-reasons', 'job-impressions-completed']

const ANSWER_TIMEOUT_MS = 5000
const CANCEL_TIMEOUT_MS = 2000
/** Short, so that one lost answer does not use up the printer's silence. */
const LOOK_TIMEOUT_MS = 2000
const WATCH_MS = 500
/** A printer that empties one tray goes on with another within this time, if it can. */
const TRAY_CHANGE_MS = 3000
/** So long without a page, and what the printer mentions as a mere warning is what stops it. */
const STUCK_MS = 15_000
/** So long a printer may be silent in the middle of a job. */
const SILENCE_MS = 10_000
/** Nobody's name: it stands in the printer's list of jobs. */
const USER = 'tunggal'

export interface IppOptions {
  readonly exchange: IppExchange
  readonly clock: Clock
  /** Of the printer, as the board names it. */
  readonly url: string
}

interface Wait {
  readonly deadlineMs: number
  readonly signal: AbortSignal
}

/**
 * A printer that speaks IPP (RFC 8010, RFC 8011; PWG 5100.14, "IPP Everywhere"): most that are on a network, and
 * every queue of CUPS. A job is made first and its document sent then, so that a job whose fate is unknown, because
 * the line broke, has a number to cancel it by.
 */
export class IppPrinter implements DocumentPrinter {
  private readonly gate = new PartGate()
  private readonly exchange: IppExchange
  private readonly clock: Clock
  private readonly url: string
  private lastRequest = 0
  /** A rejected job that the printer may still hold. */
  private leftover: number | undefined
  /** The last rejected job, and of what: it may have come out all the same. */
  private rejected: { readonly job: number; readonly name: string; readonly digest: string } | undefined

  constructor({ exchange, clock, url }: IppOptions) {
    this.exchange = exchange
    this.clock = clock
    this.url = url
  }

  async open(): Promise<void> {
    await this.gate.open(async signal => {
      await this.look(this.waiting(ANSWER_TIMEOUT_MS, signal))
    })
  }

  async status(): Promise<DocumentPrinterStatus> {
    this.gate.requireOpen()
    const { model, paper, coverOpen, media } = await this.look(
      this.waiting(ANSWER_TIMEOUT_MS, new AbortController().signal),
    )
    return { model, paper, coverOpen, media }
  }

  async print(document: PrintDocument, options: PrintDocumentOptions): Promise<void> {
    const { timeoutMs, refillMs = 0 } = options
    return this.gate.run(options.signal, async signal => {
      const wait = this.waiting(timeoutMs, signal)
      requireFit(document, await this.look(wait))
      const digest = digestOf(document)
      if (await this.cameOut(digest, wait)) return
      const refillUntilMs = this.clock.monotonicMs() + Math.min(refillMs, timeoutMs)
      const name = this.nextName()
      const job = await this.createJob(name, document, wait)
      try {
        await this.sendDocument(job, document, wait)
        await this.follow(job, { ...wait, refillUntilMs })
      } catch (cause) {
        this.leftover = job
        this.rejected = { job, name, digest }
        // Later, if not now: the next call cancels it before it does anything else.
        await this.cancelLeftover(this.waiting(CANCEL_TIMEOUT_MS, new AbortController().signal)).catch(
          () => {},
        )
        throw cause
      }
    })
  }

  async diagnose(options: { timeoutMs: number; signal: AbortSignal }): Promise<readonly Reading[]> {
    return this.gate.run(options.signal, async signal => {
      const condition = await this.look(this.waiting(options.timeoutMs, signal))
      if (condition.fault !== undefined) throw condition.fault
      if (!condition.isAccepting) throw new KioskError('hal/part-fault', { reasons: 'takes no jobs' })
      const { model, paper, media } = condition
      return [{ name: 'model', value: model }, paperReading(paper), ...mediaReading(media)]
    })
  }

  async close(): Promise<void> {
    this.gate.close()
  }

  private waiting(timeoutMs: number, signal: AbortSignal): Wait {
    return { deadlineMs: this.clock.monotonicMs() + timeoutMs, signal }
  }

  /** How the printer is, once nothing of ours is left in it. */
  private async look(wait: Wait): Promise<PrinterCondition> {
    await this.cancelLeftover(wait)
    return this.condition(wait)
  }

  /** Nobody's name: it stands in the printer's list. Another one each time, since printers that restart count anew. */
  private nextName(): string {
    return `${USER} ${Math.round(this.clock.monotonicMs())}-${this.lastRequest}`
  }

  /** The same document was rejected while the printer was silent, and the printer finished it before it was cancelled. */
  private async cameOut(digest: string, wait: Wait): Promise<boolean> {
    const { rejected } = this
    this.rejected = undefined
    if (rejected?.digest !== digest) return false
    const { job, name } = rejected
    const answer = await this.ask(IPP_OPERATION.getJobAttributes, wait, { job, wanted: JOB_ATTRIBUTES })
    const { attributes, code } = answer
    if (code !== IPP_STATUS.ok || attributes.get('job-name')?.[0] !== name) return false
    return attributes.get('job-state')?.[0] === IPP_JOB_STATE.completed
  }

  private async createJob(name: string, { format, media }: PrintDocument, wait: Wait): Promise<number> {
    const parts: RequestParts = {
      more: [
        { name: 'job-name', tag: 'name', values: [name] },
        // Rather refuse than print on something else.
        { name: 'ipp-attribute-fidelity', tag: 'boolean', values: [true] },
      ],
      jobAttributes: [{ name: 'media', tag: 'keyword', values: [media] }],
    }
    let answer = await this.ask(IPP_OPERATION.createJob, wait, parts)
    // Small printers hold one job: another's has to come out first.
    while (answer.code === IPP_STATUS.busy && this.clock.monotonicMs() + WATCH_MS < wait.deadlineMs) {
      await this.clock.sleep(WATCH_MS, wait.signal)
      answer = await this.ask(IPP_OPERATION.createJob, wait, parts)
    }
    if (answer.code === IPP_STATUS.valuesNotSupported) throw new KioskError('hal/wrong-media', { media })
    requireSuccess(answer, { format })
    const job = answer.attributes.get('job-id')?.[0]
    if (typeof job !== 'number') throw badAnswer('its job has no number')
    return job
  }

  private async sendDocument(job: number, { format, bytes }: PrintDocument, wait: Wait): Promise<void> {
    const more: IppAttribute[] = [
      { name: 'document-format', tag: 'mimeType', values: [format] },
      { name: 'last-document', tag: 'boolean', values: [true] },
    ]
    // A slow printer takes the document as it prints it.
    const timeoutMs = wait.deadlineMs - this.clock.monotonicMs()
    const answer = await this.ask(IPP_OPERATION.sendDocument, wait, { job, more, document: bytes, timeoutMs })
    requireSuccess(answer, { format })
  }

  /** Resolves when the job is done. */
  private async follow(job: number, wait: Wait & { readonly refillUntilMs: number }): Promise<void> {
    const troubles = new Troubles(this.clock.monotonicMs())
    for (;;) {
      const seen = await this.seeJob(job, wait).catch((cause: unknown): undefined => {
        // A network that is gone for a moment does not keep a sheet from coming out.
        if (!isSilence(cause) || troubles.silentMs(this.clock.monotonicMs()) >= SILENCE_MS) throw cause
      })
      if (seen === 'completed') return
      const nowMs = this.clock.monotonicMs()
      const trouble = troubles.learn(seen, nowMs)
      if (trouble !== undefined && (trouble.code === 'hal/part-fault' || nowMs >= wait.refillUntilMs))
        throw trouble
      if (nowMs >= wait.deadlineMs && troubles.hint !== undefined) throw troubles.hint
      await this.clock.sleep(Math.min(WATCH_MS, this.leftMs(wait)), wait.signal)
    }
  }

  /** How the job stands, and what stops it or may stop it. */
  private async seeJob(job: number, wait: Wait): Promise<'completed' | SeenJob> {
    const answer = await this.ask(IPP_OPERATION.getJobAttributes, wait, {
      job,
      wanted: JOB_ATTRIBUTES,
      timeoutMs: LOOK_TIMEOUT_MS,
    })
    if (answer.code === IPP_STATUS.notFound)
      throw new KioskError('hal/part-fault', { reasons: 'its job is gone' })
    requireSuccess(answer)
    const condition = jobCondition(answer)
    if (condition === 'completed') return condition
    if (condition instanceof KioskError) throw condition
    const { fault, hint, hasStopped } = await this.condition(wait)
    const pages = answer.attributes.get('job-impressions-completed')?.[0]
    return { fault, hint, pages, hasStopped: hasStopped || condition === 'stopped' }
  }

  private async condition(wait: Wait): Promise<PrinterCondition> {
    const answer = await this.ask(IPP_OPERATION.getPrinterAttributes, wait, { wanted: PRINTER_ATTRIBUTES })
    requireSuccess(answer)
    return printerCondition(answer)
  }

  private async cancelLeftover(wait: Wait): Promise<void> {
    if (this.leftover === undefined) return
    const answer = await this.ask(IPP_OPERATION.cancelJob, wait, { job: this.leftover })
    // Not possible: it is done already. Not found: the printer has forgotten it.
    if (answer.code !== IPP_STATUS.notPossible && answer.code !== IPP_STATUS.notFound) requireSuccess(answer)
    this.leftover = undefined
  }

  private leftMs({ deadlineMs }: Wait): number {
    const leftMs = deadlineMs - this.clock.monotonicMs()
    if (leftMs <= 0) throw new KioskError('hal/no-answer')
    return leftMs
  }

  private async ask(operation: number, wait: Wait, parts: RequestParts = {}): Promise<ReadIppMessage> {
    const { job, wanted, more = [], jobAttributes, document, timeoutMs = ANSWER_TIMEOUT_MS } = parts
    const requestId = ++this.lastRequest
    const operationAttributes: IppAttribute[] = [
      { name: 'attributes-charset', tag: 'charset', values: ['utf-8'] },
      { name: 'attributes-natural-language', tag: 'language', values: ['en'] },
      { name: 'printer-uri', tag: 'uri', values: [this.url] },
      ...(job === undefined ? [] : [{ name: 'job-id', tag: 'integer', values: [job] } as const]),
      { name: 'requesting-user-name', tag: 'name', values: [USER] },
      ...more,
      ...(wanted === undefined
        ? []
        : [{ name: 'requested-attributes', tag: 'keyword', values: wanted } as const]),
    ]
    const groups = { operation: operationAttributes, ...(jobAttributes && { job: jobAttributes }) }
    const message = encodeMessage({ code: operation, requestId, groups })
    const limitMs = Math.min(timeoutMs, this.leftMs(wait))
    const stop = new AbortController()
    const signal = AbortSignal.any([wait.signal, stop.signal])
    try {
      const bytes = await within(this.exchange(message, { document, signal }), {
        clock: this.clock,
        timeoutMs: limitMs,
        signal: wait.signal,
      })
      const answer = decodeMessage(bytes)
      if (answer.requestId !== requestId) throw badAnswer('it answers another question')
      return answer
    } finally {
      stop.abort()
    }
  }
}

interface RequestParts {
  readonly job?: number
  readonly wanted?: readonly string[]
  readonly more?: readonly IppAttribute[]
  readonly jobAttributes?: readonly IppAttribute[]
  readonly document?: Uint8Array
  readonly timeoutMs?: number
}

interface SeenJob extends Pick<PrinterCondition, 'fault' | 'hint' | 'hasStopped'> {
  readonly pages?: IppValue
}

/** What keeps a job from coming out, from one look to the next. */
class Troubles {
  hint: KioskError | undefined
  private brokenSinceMs: number | undefined
  private pages: IppValue | undefined

  constructor(
    private heardMs: number,
    private movedMs = heardMs,
  ) {}

  silentMs(nowMs: number): number {
    return nowMs - this.heardMs
  }

  /** The trouble that is sure by now. `seen` is undefined where the printer was silent. */
  learn(seen: SeenJob | undefined, nowMs: number): KioskError | undefined {
    if (seen === undefined) return undefined
    this.heardMs = nowMs
    this.hint = seen.hint
    if (seen.hint === undefined || seen.pages !== this.pages) this.movedMs = nowMs
    this.pages = seen.pages
    this.brokenSinceMs = seen.fault === undefined ? undefined : (this.brokenSinceMs ?? nowMs)
    if (seen.fault !== undefined) {
      const isSure = seen.hasStopped || nowMs - (this.brokenSinceMs ?? nowMs) >= TRAY_CHANGE_MS
      if (isSure) return seen.fault
    }
    return nowMs - this.movedMs >= STUCK_MS ? seen.hint : undefined
  }
}

/** Rejects where the printer could not print this document now. */
function requireFit({ format, media }: PrintDocument, printer: PrinterCondition): void {
  if (printer.fault !== undefined && (printer.hasStopped || printer.paper === 'out' || printer.coverOpen))
    throw printer.fault
  if (!printer.formats.includes(format)) throw new KioskError('hal/unsupported', { format })
  if (printer.media.length > 0 && !printer.media.includes(media))
    throw new KioskError('hal/wrong-media', {
      media,
      loaded: printer.media.slice(0, 4).join(', ').slice(0, 200),
    })
}

function isSilence(cause: unknown): boolean {
  return cause instanceof KioskError && cause.code === 'hal/no-answer'
}

function requireSuccess({ code, attributes }: ReadIppMessage, { format = '' } = {}): void {
  if (code <= IPP_STATUS.lastSuccess) return
  if (code === IPP_STATUS.formatNotSupported) throw new KioskError('hal/unsupported', { format })
  if (code === IPP_STATUS.busy) throw new KioskError('hal/not-ready')
  const [message = ''] = attributes.get('status-message') ?? []
  const status = `0x${code.toString(16).padStart(4, '0')}`
  throw new KioskError('hal/part-fault', { status, message: String(message).slice(0, 100) })
}

function digestOf({ bytes, format, media }: PrintDocument): string {
  return createHash('sha256').update(`${format} ${media} `).update(bytes).digest('hex')
}
