import type { OpenBoard } from '../../hal/board/open-board.ts'
import { type ErrorCode, KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { collectionSlip } from '../enrolment/collection-slip.ts'
import type { PrintOffer } from '../record/print-job.ts'
import type { KioskRecord } from '../record/record.ts'
import type { VisitLanguage } from '../record/visit-view.ts'
import type { KioskSeal } from '../seal/seal.ts'
import type { Settings } from '../settings/settings.ts'
import type { Store } from '../store/ports.ts'
import type { PrintOutcome } from '../ui/operations.ts'

/** A card printer takes a minute a card, an ink printer cleans its heads first. */
const PAGE_TIMEOUT_MS = 180_000
const SLIP_TIMEOUT_MS = 30_000

/** What staff mends by putting something in or shutting something. */
const paperFaults: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'hal/paper-out',
  'hal/cover-open',
  'hal/wrong-media',
])

export interface PrintDeskParts {
  readonly board: Pick<OpenBoard, 'partsOf' | 'printer'>
  readonly store: Pick<Store, 'record' | 'prints'>
  readonly seal: Pick<KioskSeal, 'sealRecordEvent'>
  readonly options: { readonly settings: Settings }
  readonly log: Log
}

/**
 * Prints for the holder of a receipt what the centre sent for their record, and the slip to fetch their card with. A
 * job is forgotten only once its printer says that all of it came out; what fails stays for another try.
 */
export class PrintDesk {
  /** Nothing ends a print but its printer, and the board that closes it. */
  private readonly signal = new AbortController().signal
  /** From the question to the disk: between the paper and the disk, a second touch would print it again. */
  private readonly underWay = new Set<string>()

  constructor(private readonly parts: PrintDeskParts) {}

  /** What can be printed for this record now. */
  async offersFor(
    record: KioskRecord,
  ): Promise<{ readonly prints: readonly PrintOffer[]; readonly hasSlip: boolean }> {
    const { board, store } = this.parts
    const hasPages = board.partsOf('document-printer').length > 0
    return {
      prints: hasPages ? await store.prints.of(record.id) : [],
      hasSlip: record.status === 'CARD_PRINTED' && board.printer !== undefined,
    }
  }

  /** `job` left out: the slip. Goes on where whoever asked does not wait: half a document helps nobody. */
  async print(id: string, job: string | undefined, language: VisitLanguage): Promise<PrintOutcome> {
    const { log } = this.parts
    try {
      const isPrinted = job === undefined ? await this.slip(id, language) : await this.document(id, job)
      log.info('print', { id, kind: isPrinted ? 'printed' : 'gone' })
      return { kind: isPrinted ? 'printed' : 'gone' }
    } catch (error) {
      if (!(error instanceof KioskError)) throw error
      log.warn('print', { id, code: error.code })
      if (error.code === 'hal/busy') return { kind: 'busy' }
      return { kind: paperFaults.has(error.code) ? 'paper' : 'fault' }
    }
  }

  private async document(id: string, number: string): Promise<boolean> {
    if (this.underWay.has(number)) throw new KioskError('hal/busy')
    this.underWay.add(number)
    try {
      return await this.printOnce(id, number)
    } finally {
      this.underWay.delete(number)
    }
  }

  private async printOnce(id: string, number: string): Promise<boolean> {
    const { board, store, seal } = this.parts
    const job = await store.prints.get(id, number)
    if (job === undefined) return false
    const [printer] = board.partsOf('document-printer')
    if (printer === undefined) throw new KioskError('hal/not-open', { part: 'document-printer' })
    const bytes = Buffer.from(job.bytes, 'base64')
    const options = { timeoutMs: PAGE_TIMEOUT_MS, signal: this.signal }
    try {
      const { format, media } = job
      await printer.use(device => device.print({ bytes, format, media }, options))
    } finally {
      bytes.fill(0)
    }
    await store.prints.printed(job, event => seal.sealRecordEvent(event))
    return true
  }

  private async slip(recordId: string, language: VisitLanguage): Promise<boolean> {
    const { board, store, options } = this.parts
    const printed = (await store.record(recordId))?.history.find(({ status }) => status === 'CARD_PRINTED')
    if (printed === undefined) return false
    if (board.printer === undefined) throw new KioskError('hal/not-open', { part: 'receipt-printer' })
    const { kiosk } = options.settings
    const slip = collectionSlip({ kiosk, language, recordId, printedAt: printed.at })
    await board.printer.print(slip, { timeoutMs: SLIP_TIMEOUT_MS, signal: this.signal })
    return true
  }
}
