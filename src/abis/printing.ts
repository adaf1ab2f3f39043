import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Broker } from '../mqtt/broker.ts'
import { kioskTopic } from '../mqtt/topics.ts'
import type { RecordEvent } from '../record/submission.ts'
import type { AbisSeal } from '../seal/seal.ts'
import type { PrintSpool, SpooledJob } from './print-spool.ts'

/** A broker may drop what a kiosk that is away does not take; so what is not printed is sent again. */
const REPEAT_MS = 3_600_000

export interface PrintingParts {
  readonly broker: Broker
  readonly seal: Pick<AbisSeal, 'signerOf'>
  readonly clock: Clock
  readonly log: Log
  readonly spool: PrintSpool
  /** A card's job has left for its kiosk. */
  cardSent(job: SpooledJob): Promise<void>
}

/** Sends print jobs to kiosks until they say that they have printed them. */
export class Printing {
  /** By job, monotonic. */
  private readonly sentMs = new Map<string, number>()
  private readonly signers = new Map<string, string>()

  constructor(private readonly parts: PrintingParts) {}

  /** A body of that kiosk was opened: what is encrypted to it is encrypted to this certificate. */
  async heardOf(kiosk: string): Promise<void> {
    const certificate = this.parts.seal.signerOf(kiosk)
    if (certificate === undefined || this.signers.get(kiosk) === certificate.fingerprint256) return
    await this.parts.spool.putSigner(kiosk, certificate)
    this.signers.set(kiosk, certificate.fingerprint256)
  }

  async happened(kiosk: string, { job }: RecordEvent): Promise<void> {
    if (job === undefined) return
    await this.parts.spool.done(kiosk, job)
    this.sentMs.delete(job)
  }

  /** Whatever is due, but for what the broker refuses: that keeps nothing else waiting. Rejects with a broker's code where it is gone. */
  async send(signal: AbortSignal): Promise<void> {
    const { broker, clock, log, spool, cardSent } = this.parts
    for (const waiting of await spool.waiting()) {
      if (signal.aborted || broker.connection === undefined) return
      const sentMs = this.sentMs.get(waiting.job) ?? Number.NEGATIVE_INFINITY
      if (clock.monotonicMs() - sentMs < REPEAT_MS) continue
      const body = await spool.body(waiting)
      if (body === undefined) continue
      const { kiosk, job, kind } = waiting
      const refusal = await broker
        .publish({ topic: kioskTopic(kiosk, 'print'), body, qos: 1 }, signal)
        .then(() => undefined, ifRefused)
      this.sentMs.set(job, clock.monotonicMs())
      if (refusal !== undefined) log.error('abis/print-refused', { kiosk, job, code: refusal.code })
      else if (kind === 'card') await cardSent(waiting)
    }
  }
}

function ifRefused(error: unknown): KioskError {
  const isRefused =
    error instanceof KioskError && (error.code === 'broker/refused' || error.code === 'broker/too-large')
  if (!isRefused) throw error
  return error
}
