import { type ErrorCode, KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Broker } from '../mqtt/broker.ts'
import { kioskTopic } from '../mqtt/topics.ts'
import type { StatusAnswer } from '../record/submission.ts'
import type { KioskSeal } from '../seal/seal.ts'
import type { Store } from '../store/ports.ts'

/**
 * Failures of the body or of what it names. They would fail every time, so the message is taken from the
 * broker; everything else (the disk) leaves it there, to come again.
 */
const refusals: readonly ErrorCode[] = [
  'seal/malformed',
  'seal/untrusted',
  'seal/wrong-type',
  'seal/wrong-key',
  'seal/too-large',
  'store/unknown-record',
  'store/other-gallery',
  // The ABIS sends print jobs again until they are printed, and a gallery once it is asked.
  'store/full',
  'store/transition',
  'outbox/other-hash',
  'outbox/stale-receipt',
]

export function isRefusal(error: unknown): error is KioskError {
  return error instanceof KioskError && refusals.includes(error.code)
}

export interface DownlinkParts {
  readonly broker: Broker
  readonly store: Store
  readonly seal: KioskSeal
  readonly log: Log
  /** The ABIS holds this one; it is settled durably. */
  onReceipt(id: string): void
  /** Where a record stands that somebody asked for. */
  onAnswer(answer: StatusAnswer): void
  onRefused(): void
}

/** Receipts and outcomes from the ABIS into the store. What is forged or unknown is counted, never fatal. */
export class Downlink {
  private count = 0

  constructor(private readonly parts: DownlinkParts) {}

  get refused(): number {
    return this.count
  }

  async subscribe(): Promise<void> {
    const { broker, seal, store } = this.parts
    await broker.subscribe(kioskTopic(seal.kiosk, 'receipt'), message =>
      this.take('receipt', async () => {
        const receipt = await seal.openReceipt(message.body)
        await store.outbox.settle(receipt)
        this.parts.onReceipt(receipt.id)
      }),
    )
    await broker.subscribe(kioskTopic(seal.kiosk, 'outcome'), message =>
      this.take('outcome', async () => {
        const told = await seal.openOutcome(message.body)
        if ('question' in told) this.parts.onAnswer(told)
        else await store.applyOutcome(told)
      }),
    )
    await broker.subscribe(kioskTopic(seal.kiosk, 'print'), message =>
      this.take('print', async () => {
        const job = await seal.openPrint(message.body)
        if (await store.prints.keep(job)) this.parts.log.info('print-job', { id: job.id, job: job.job })
      }),
    )
  }

  private async take(what: string, act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      if (!isRefusal(error)) throw error
      this.count++
      this.parts.log.warn('downlink-refused', { what, code: error.code })
      this.parts.onRefused()
    }
  }
}
