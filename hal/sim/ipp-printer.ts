import type { Clock } from '../../src/base/clock.ts'
import { decodeMessage, encodeMessage, type IppAttribute, type ReadIppMessage } from '../drivers/ipp/codec.ts'
import { IPP_JOB_STATE, IPP_OPERATION, IPP_PRINTER_STATE, IPP_STATUS } from '../drivers/ipp/numbers.ts'
import { A4 } from '../ports/document-printer.ts'
import type { IppExchange } from '../ports/ipp-exchange.ts'

const LOW_SHEETS = 10
const LOOK_MS = 50
const JOBS_MAX = 50
const VALUES_NOT_SUPPORTED = IPP_STATUS.valuesNotSupported

export interface IppSimulatorOptions {
  readonly clock: Clock
  /** How long a sheet takes. */
  readonly sheetMs?: number
  /** Called with each document once its last sheet is out. */
  readonly onDocument?: (document: PrintedDocument) => void
}

export interface PrintedDocument {
  readonly bytes: Uint8Array
  readonly media: string
  readonly sheets: number
}

interface Job {
  readonly id: number
  readonly name: string
  readonly media: string
  state: number
  reasons: string
}

/** A printer of IPP Everywhere, as its line sees it: one tray, one job after the other. */
export class IppSimulator {
  readonly formats = ['application/pdf', 'image/pwg-raster', 'image/jpeg'] as const
  /** What is in the tray. */
  media = A4
  coverOpen = false
  sheets = 250
  /** A fault: it hangs, takes requests and answers nothing. */
  silent = false
  /** A fault: sheets get stuck. */
  jammed = false
  /** Of all jobs, whole or not. */
  sheetsOut = 0
  private readonly clock: Clock
  private readonly sheetMs: number
  private readonly onDocument: (document: PrintedDocument) => void
  private readonly jobs = new Map<number, Job>()
  private lastJob = 0
  private work: Promise<unknown> = Promise.resolve()

  constructor({ clock, sheetMs = 200, onDocument = () => {} }: IppSimulatorOptions) {
    this.clock = clock
    this.sheetMs = sheetMs
    this.onDocument = onDocument
  }

  /** Jobs that are neither done nor given up. */
  get jobsUnderWay(): number {
    return [...this.jobs.values()].filter(({ state }) => state < IPP_JOB_STATE.cancelled).length
  }

  readonly exchange: IppExchange = (message, { document, signal }) => {
    if (this.silent)
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    return Promise.resolve(this.answer(decodeMessage(message), document))
  }

  private answer(request: ReadIppMessage, document: Uint8Array | undefined): Uint8Array {
    const value = (name: string) => request.attributes.get(name)?.[0]
    const { requestId } = request
    const reply = (code: number, groups: { job?: IppAttribute[]; printer?: IppAttribute[] } = {}) =>
      encodeMessage({
        code,
        requestId,
        groups: { operation: [{ name: 'attributes-charset', tag: 'charset', values: ['utf-8'] }], ...groups },
      })
    if (request.code === IPP_OPERATION.getPrinterAttributes)
      return reply(IPP_STATUS.ok, { printer: this.attributes() })
    if (request.code === IPP_OPERATION.createJob) {
      const media = String(value('media'))
      if (!/^[a-z0-9_.-]+$/.test(media)) return reply(VALUES_NOT_SUPPORTED)
      const job = this.newJob(media, String(value('job-name')))
      return reply(IPP_STATUS.ok, { job: jobAttributes(job) })
    }
    const job = this.jobs.get(Number(value('job-id')))
    if (job === undefined) return reply(IPP_STATUS.notFound)
    if (request.code === IPP_OPERATION.getJobAttributes)
      return reply(IPP_STATUS.ok, { job: jobAttributes(job) })
    if (request.code === IPP_OPERATION.cancelJob) {
      if (job.state >= IPP_JOB_STATE.cancelled) return reply(IPP_STATUS.notPossible)
      job.state = IPP_JOB_STATE.cancelled
      return reply(IPP_STATUS.ok)
    }
    if (request.code !== IPP_OPERATION.sendDocument || document === undefined) return reply(0x0501)
    if (!this.formats.some(format => format === value('document-format')))
      return reply(IPP_STATUS.formatNotSupported)
    const bytes = Uint8Array.from(document)
    this.work = this.work.then(() => this.print(job, bytes))
    return reply(IPP_STATUS.ok, { job: jobAttributes(job) })
  }

  private newJob(media: string, name: string): Job {
    const job: Job = { id: ++this.lastJob, name, media, state: IPP_JOB_STATE.pending, reasons: 'none' }
    this.jobs.set(job.id, job)
    this.jobs.delete(job.id - JOBS_MAX)
    return job
  }

  private async print(job: Job, bytes: Uint8Array): Promise<void> {
    const sheets = Math.max(
      1,
      Buffer.from(bytes)
        .toString('latin1')
        .match(/\/Type \/Page\b/g)?.length ?? 0,
    )
    for (let sheet = 0; sheet < sheets && job.state < IPP_JOB_STATE.cancelled; ) {
      const isStopped = this.silent || this.fault() !== undefined || this.media !== job.media
      job.state = isStopped ? IPP_JOB_STATE.stopped : IPP_JOB_STATE.processing
      await this.clock.sleep(isStopped ? LOOK_MS : this.sheetMs)
      if (isStopped || this.fault() !== undefined || job.state >= IPP_JOB_STATE.cancelled) continue
      this.sheets--
      this.sheetsOut++
      sheet++
    }
    if (job.state >= IPP_JOB_STATE.cancelled) return
    job.state = IPP_JOB_STATE.completed
    this.onDocument({ bytes, media: job.media, sheets })
  }

  private fault(): string | undefined {
    if (this.coverOpen) return 'cover-open'
    if (this.jammed) return 'media-jam-error'
    return this.sheets <= 0 ? 'media-empty-error' : undefined
  }

  private attributes(): IppAttribute[] {
    const fault = this.fault()
    const isBusy = this.jobsUnderWay > 0
    const state = fault !== undefined ? 'stopped' : isBusy ? 'processing' : 'idle'
    const reasons = fault ?? (this.sheets < LOW_SHEETS ? 'media-low-warning' : 'none')
    return [
      { name: 'printer-state', tag: 'enum', values: [IPP_PRINTER_STATE[state]] },
      { name: 'printer-state-reasons', tag: 'keyword', values: [reasons] },
      { name: 'printer-is-accepting-jobs', tag: 'boolean', values: [true] },
      { name: 'printer-make-and-model', tag: 'text', values: ['simulated page printer'] },
      ...(this.sheets > 0 ? [{ name: 'media-ready', tag: 'keyword', values: [this.media] } as const] : []),
      { name: 'document-format-supported', tag: 'mimeType', values: this.formats },
    ]
  }
}

function jobAttributes({ id, name, state, reasons }: Job): IppAttribute[] {
  return [
    { name: 'job-id', tag: 'integer', values: [id] },
    { name: 'job-name', tag: 'name', values: [name] },
    { name: 'job-state', tag: 'enum', values: [state] },
    { name: 'job-state-reasons', tag: 'keyword', values: [reasons] },
  ]
}
