import type { RecordEvent } from '../record/submission.ts'
import type { AbisSeal } from '../seal/seal.ts'
import type { Printing } from './printing.ts'
import type { Applied, Registry, Taken } from './registry.ts'

/** Of one submission, with its receipt as it is published; no receipt: it is refused. */
export interface TakenIn extends Omit<Taken, 'receipt'> {
  readonly id: string
  readonly sequence: number
  readonly receipt?: Uint8Array
}
/** Of one event. */
export interface AppliedIn extends Omit<Applied, 'receipt'> {
  readonly id: string
  readonly receipt?: Uint8Array
}

/** Takes what kiosks send, by whatever way it comes: from the broker or from a stick. */
export interface Importer {
  /** Rejects with `seal/…` where the body is not this kiosk's, with `kv/…` where the disk fails. */
  submission(kiosk: string, body: Uint8Array): Promise<TakenIn>
  recordEvent(kiosk: string, body: Uint8Array): Promise<AppliedIn>
}

/** The one writer: everything that changes what the ABIS keeps goes through `inOrder`. */
export class Intake implements Importer {
  private writing: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly registry: Registry,
    private readonly seal: AbisSeal,
    private readonly printing?: Printing,
  ) {}

  async submission(kiosk: string, body: Uint8Array): Promise<TakenIn> {
    const submission = await this.seal.openSubmission(kiosk, body)
    await this.printing?.heardOf(kiosk)
    const { receipt, ...taken } = await this.inOrder(() => this.registry.take(submission, body))
    const { id, sequence } = submission
    return { ...taken, id, sequence, ...(receipt && (await this.sealed(kiosk, receipt))) }
  }

  async recordEvent(kiosk: string, body: Uint8Array): Promise<AppliedIn> {
    const event: RecordEvent = await this.seal.openRecordEvent(kiosk, body)
    const { receipt, ...applied } = await this.inOrder(() => this.registry.apply(kiosk, event, body))
    if (receipt !== undefined) await this.printing?.happened(kiosk, event)
    return { ...applied, id: event.id, ...(receipt && (await this.sealed(kiosk, receipt))) }
  }

  /** One change after the other. */
  inOrder<T>(change: () => Promise<T>): Promise<T> {
    const done = this.writing.then(change, change)
    this.writing = done.catch(() => {})
    return done
  }

  async idle(): Promise<void> {
    await this.writing
  }

  private async sealed(
    kiosk: string,
    receipt: NonNullable<Taken['receipt']>,
  ): Promise<{ receipt: Uint8Array }> {
    return { receipt: (await this.seal.sealReceipt(kiosk, receipt)).body }
  }
}
