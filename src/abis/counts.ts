import type { Clock } from '../base/clock.ts'
import type { KioskStanding } from '../record/abis-status.ts'
import type { Status } from '../record/status.ts'
import type { AbisRecord, StoredOutcome } from './layout.ts'

/** How the central ABIS stands, as `abis status` and the fleet see it (docs of the fields: record/abis-status.ts). */
export interface AbisCounts extends Standing {
  readonly perSecond: number
  readonly refused: number
  readonly alarms: number
  readonly oldestSfeAt?: string
  readonly oldestAdjudicateAt?: string
  readonly byKiosk: Readonly<Record<string, KioskStanding>>
}
interface Standing {
  readonly received: number
  readonly sfe: number
  readonly prr: number
  readonly duplicate: number
  readonly adjudicate: number
  readonly failed: number
}

const RATE_WINDOW_MS = 60_000
/** Beyond this many verdicts a minute the rate is taken from fewer seconds. */
const VERDICTS_REMEMBERED = 10_000

/** Records of one kiosk, or of all. */
class Tally {
  received = 0
  private readonly byStatus = new Map<Status, number>()

  move(from: Status | undefined, to: Status): void {
    if (from !== undefined) this.byStatus.set(from, this.of(from) - 1)
    this.byStatus.set(to, this.of(to) + 1)
  }

  standing(sfe: number): Standing {
    return {
      received: this.received,
      sfe,
      prr:
        this.of('PRINT_READY_RECORD') +
        this.of('SENT_FOR_CARD_PRINTING') +
        this.of('CARD_PRINTED') +
        this.of('CARD_ISSUED'),
      duplicate: this.of('DUPLICATE_RECORD'),
      adjudicate: this.of('ADJUDICATE_RECORD'),
      failed: this.of('ENROLL_FAILURE_AT_CENTRAL'),
    }
  }

  private of(status: Status): number {
    return this.byStatus.get(status) ?? 0
  }
}

type Waiting = Map<string, { readonly kiosk: string; readonly since: string }>

export class Counts {
  refused = 0
  alarms = 0
  private readonly all = new Tally()
  private readonly kiosks = new Map<string, { tally: Tally; missing: Map<string, number> }>()
  private readonly toSearch: Waiting = new Map()
  private readonly toDecide: Waiting = new Map()
  private readonly verdictsMs: number[] = []

  constructor(private readonly clock: Clock) {}

  add({ id, kiosk, receivedAt }: Pick<AbisRecord, 'id' | 'kiosk' | 'receivedAt'>): void {
    this.all.received++
    this.kiosk(kiosk).tally.received++
    this.toSearch.set(id, { kiosk, since: receivedAt })
  }

  missing(kiosk: string, epoch: string, count: number): void {
    this.kiosk(kiosk).missing.set(epoch, count)
  }

  /** A record went from one outcome to another; undefined where it had none. */
  outcome(
    { id, kiosk }: Pick<AbisRecord, 'id' | 'kiosk'>,
    from: Status | undefined,
    to: Pick<StoredOutcome, 'status' | 'at'>,
  ): void {
    this.all.move(from, to.status)
    this.kiosk(kiosk).tally.move(from, to.status)
    this.toSearch.delete(id)
    if (to.status === 'ADJUDICATE_RECORD') this.toDecide.set(id, { kiosk, since: to.at })
    else this.toDecide.delete(id)
  }

  /** Ids of records that wait for people, whichever waits for longest first. */
  toAdjudicate(): readonly string[] {
    return [...this.toDecide].sort(([, a], [, b]) => (a.since < b.since ? -1 : 1)).map(([id]) => id)
  }

  /** Its fingers are gone: it waits for no search any more, and for nobody's word. */
  withdrawn(id: string): void {
    this.toSearch.delete(id)
    this.toDecide.delete(id)
  }

  verdict(): void {
    this.verdictsMs.push(this.clock.monotonicMs())
    if (this.verdictsMs.length > VERDICTS_REMEMBERED) this.verdictsMs.shift()
  }

  snapshot(): AbisCounts {
    const waiting = waitingByKiosk(this.toSearch)
    const kiosks = [...this.kiosks].map(([kiosk, { tally, missing }]) => {
      const { count = 0, oldest } = waiting.get(kiosk) ?? {}
      const numbers = [...missing.values()].reduce((total, each) => total + each, 0)
      const standing = { ...tally.standing(count), missing: numbers }
      return [kiosk, oldest === undefined ? standing : { ...standing, oldestSfeAt: oldest }] as const
    })
    const oldestSfeAt = oldestOf(this.toSearch)
    const oldestAdjudicateAt = oldestOf(this.toDecide)
    return {
      ...this.all.standing(this.toSearch.size),
      perSecond: this.perSecond(),
      refused: this.refused,
      alarms: this.alarms + kiosks.filter(([, { missing }]) => missing > 0).length,
      ...(oldestSfeAt && { oldestSfeAt }),
      ...(oldestAdjudicateAt && { oldestAdjudicateAt }),
      byKiosk: Object.fromEntries(kiosks),
    }
  }

  private perSecond(): number {
    const nowMs = this.clock.monotonicMs()
    while (this.verdictsMs.length > 0 && this.verdictsMs[0] < nowMs - RATE_WINDOW_MS) this.verdictsMs.shift()
    const spanMs = nowMs - (this.verdictsMs[0] ?? nowMs)
    const perSecond = spanMs > 0 ? (1000 * this.verdictsMs.length) / Math.max(spanMs, 1000) : 0
    return Math.round(perSecond * 10) / 10
  }

  private kiosk(kiosk: string) {
    let counts = this.kiosks.get(kiosk)
    if (counts === undefined) this.kiosks.set(kiosk, (counts = { tally: new Tally(), missing: new Map() }))
    return counts
  }
}

function waitingByKiosk(waiting: Waiting): Map<string, { count: number; oldest: string }> {
  const kiosks = new Map<string, { count: number; oldest: string }>()
  for (const { kiosk, since } of waiting.values()) {
    const known = kiosks.get(kiosk)
    if (known === undefined) kiosks.set(kiosk, { count: 1, oldest: since })
    else {
      known.count++
      if (since < known.oldest) known.oldest = since
    }
  }
  return kiosks
}

/** ISO 8601 in UTC: the order of texts is that of times. */
function oldestOf(waiting: Waiting): string | undefined {
  let oldest: string | undefined
  for (const { since } of waiting.values()) if (oldest === undefined || since < oldest) oldest = since
  return oldest
}
