import type { Clock } from '../base/clock.ts'
import type { Status } from '../record/status.ts'

/** How the central ABIS stands, as `abis status` and the fleet see it. `sfe`: received, not yet searched. */
export interface AbisCounts {
  readonly received: number
  readonly sfe: number
  readonly prr: number
  readonly duplicate: number
  readonly adjudicate: number
  readonly failed: number
  /** Verdicts a second, over the last minute. */
  readonly perSecond: number
  /** Bodies that were not what they claim to be. */
  readonly refused: number
  /** Sequence numbers and ids that came twice with different bodies, and kiosks of which numbers are missing. */
  readonly alarms: number
  readonly byKiosk: Readonly<Record<string, KioskCounts>>
}
export interface KioskCounts {
  readonly received: number
  readonly missing: number
}

const RATE_WINDOW_MS = 60_000
/** Beyond this many verdicts a minute the rate is taken from fewer seconds. */
const VERDICTS_REMEMBERED = 10_000

export class Counts {
  refused = 0
  alarms = 0
  private received = 0
  private readonly byStatus = new Map<Status, number>()
  private readonly kiosks = new Map<string, { received: number; missing: Map<string, number> }>()
  private readonly verdictsMs: number[] = []

  constructor(private readonly clock: Clock) {}

  add(kiosk: string): void {
    this.received++
    this.kiosk(kiosk).received++
  }

  missing(kiosk: string, epoch: string, count: number): void {
    this.kiosk(kiosk).missing.set(epoch, count)
  }

  /** A record went from one outcome to another; undefined where it had none. */
  outcome(from: Status | undefined, to: Status): void {
    if (from !== undefined) this.byStatus.set(from, (this.byStatus.get(from) ?? 0) - 1)
    this.byStatus.set(to, (this.byStatus.get(to) ?? 0) + 1)
  }

  verdict(): void {
    this.verdictsMs.push(this.clock.monotonicMs())
    if (this.verdictsMs.length > VERDICTS_REMEMBERED) this.verdictsMs.shift()
  }

  snapshot(): AbisCounts {
    const of = (status: Status) => this.byStatus.get(status) ?? 0
    const decided = [...this.byStatus.values()].reduce((sum, count) => sum + count, 0)
    const nowMs = this.clock.monotonicMs()
    while (this.verdictsMs.length > 0 && this.verdictsMs[0] < nowMs - RATE_WINDOW_MS) this.verdictsMs.shift()
    const kiosks = [...this.kiosks].map(([kiosk, { received, missing }]) => {
      const sum = [...missing.values()].reduce((total, count) => total + count, 0)
      return [kiosk, { received, missing: sum }] as const
    })
    const spanMs = nowMs - (this.verdictsMs[0] ?? nowMs)
    const perSecond = spanMs > 0 ? (1000 * this.verdictsMs.length) / Math.max(spanMs, 1000) : 0
    return {
      received: this.received,
      sfe: this.received - decided,
      prr: of('PRINT_READY_RECORD') + of('SENT_FOR_CARD_PRINTING') + of('CARD_PRINTED') + of('CARD_ISSUED'),
      duplicate: of('DUPLICATE_RECORD'),
      adjudicate: of('ADJUDICATE_RECORD'),
      failed: of('ENROLL_FAILURE_AT_CENTRAL'),
      perSecond: Math.round(perSecond * 10) / 10,
      refused: this.refused,
      alarms: this.alarms + kiosks.filter(([, { missing }]) => missing > 0).length,
      byKiosk: Object.fromEntries(kiosks),
    }
  }

  private kiosk(kiosk: string) {
    let counts = this.kiosks.get(kiosk)
    if (counts === undefined) this.kiosks.set(kiosk, (counts = { received: 0, missing: new Map() }))
    return counts
  }
}
