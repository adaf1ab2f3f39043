import type { RecordEvent } from '../record/submission.ts'
import type { AbisSeal } from '../seal/seal.ts'
import type { Printing } from './printing.ts'
import type { Applied, Arrival, Registry, Taken } from './registry.ts'

/** Of submissions in one commit: some megabytes, with images. */
const GROUP_MAX = 64

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

/** The one writer: everything that changes what the ABIS keeps goes through `inOrder`, and what waits together is kept together. */
export class Intake implements Importer {
  private writing: Promise<unknown> = Promise.resolve()
  private readonly arrived: {
    readonly arrival: Arrival
    resolve(taken: Taken): void
    reject(error: unknown): void
  }[] = []

  constructor(
    private readonly registry: Registry,
    private readonly seal: AbisSeal,
    private readonly printing?: Printing,
  ) {}

  async submission(kiosk: string, body: Uint8Array): Promise<TakenIn> {
    const submission = await this.seal.openSubmission(kiosk, body)
    await this.printing?.heardOf(kiosk)
    const { receipt, ...taken } = await this.take({ submission, body })
    const { id, sequence } = submission
    return { ...taken, id, sequence, ...(receipt && (await this.sealed(kiosk, receipt))) }
  }

  async recordEvent(kiosk: string, body: Uint8Array): Promise<AppliedIn> {
    const event: RecordEvent = await this.seal.openRecordEvent(kiosk, body)
    const { receipt, ...applied } = await this.inOrder(() => this.registry.apply(kiosk, event, body))
    if (receipt !== undefined) await this.printing?.happened(kiosk, event)
    return { ...applied, id: event.id, ...(receipt && (await this.sealed(kiosk, receipt))) }
  }

  /** With all that arrived while the disk was busy: they share one commit, and get their receipts after it. */
  private take(arrival: Arrival): Promise<Taken> {
    return new Promise((resolve, reject) => {
      this.arrived.push({ arrival, resolve, reject })
      if (this.arrived.length === 1) void this.inOrder(() => this.takeArrived())
    })
  }

  private async takeArrived(): Promise<void> {
    const group = this.arrived.splice(0, GROUP_MAX)
    if (this.arrived.length > 0) void this.inOrder(() => this.takeArrived())
    try {
      const taken = await this.registry.takeAll(group.map(({ arrival }) => arrival))
      for (const [index, one] of taken.entries()) {
        if (one.status === 'fulfilled') group[index].resolve(one.value)
        else group[index].reject(one.reason)
      }
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }

  /** One change after the other. */
  inOrder<T>(change: () => Promise<T>): Promise<T> {
    const done = this.writing.then(change, change)
    this.writing = done.catch(() => {})
    return done
  }

  async idle(): Promise<void> {
    do await this.writing
    while (this.arrived.length > 0)
  }

  private async sealed(
    kiosk: string,
    receipt: NonNullable<Taken['receipt']>,
  ): Promise<{ receipt: Uint8Array }> {
    return { receipt: (await this.seal.sealReceipt(kiosk, receipt)).body }
  }
}
