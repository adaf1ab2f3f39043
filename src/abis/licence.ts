/**
 * What an ABIS was bought for: so many records, or comparisons, a second, until a day. Ours needs no licence; it
 * takes one to behave as a bought one would, so that operations see beforehand what an end of it does: in 2017 records
 * of half the country waited at SFE for one that had lapsed.
 */
import { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import { lapseLevelOf } from '../base/lapse.ts'
import type { Lapse, LicenceStatus } from '../record/abis-status.ts'

const DAY_MS = 86_400_000
/** What was not used may be made up for within that time. */
const BURST_MS = 1_000
/** A record as it usually is. */
const FINGERS = 10

export const licenceSchema = z.strictObject({
  unit: z.enum(['records', 'comparisons']),
  perSecond: z.number().positive().max(1e12),
  /** The last day, to its end in UTC. */
  until: z.iso.date(),
  maintenanceUntil: z.iso.date().optional(),
})
export type Licence = z.infer<typeof licenceSchema>

/** Throws `config/bad-value` naming what is wrong. */
export function readLicence(bytes: Uint8Array): Licence {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString())
  } catch {
    throw new KioskError('config/bad-value', { where: 'licence', remedy: 'write it as JSON: docs/FLEET.md' })
  }
  const read = licenceSchema.safeParse(value)
  if (read.success) return read.data
  const [{ path, message }] = read.error.issues
  throw new KioskError('config/bad-value', { where: ['licence', ...path].join('.'), problem: message })
}

/** Holds searches back to what the licence allows. One search at a time asks. */
export class LicencePace {
  private paidUntilMs = Number.NEGATIVE_INFINITY

  constructor(
    private readonly licence: Licence | undefined,
    private readonly clock: Clock,
  ) {}

  /** Nothing may be searched any more. */
  get isLapsed(): boolean {
    return this.licence !== undefined && this.clock.nowMs() >= endOf(this.licence.until)
  }

  /** Resolves once a search of so many comparisons may begin. Rejects as the signal does. */
  async turn(comparisons: number, signal: AbortSignal): Promise<void> {
    if (this.licence === undefined) return
    const { unit, perSecond } = this.licence
    const units = unit === 'records' ? 1 : comparisons
    const nowMs = this.clock.monotonicMs()
    const beginMs = Math.max(this.paidUntilMs, nowMs - BURST_MS)
    this.paidUntilMs = beginMs + (units * 1000) / perSecond
    if (beginMs > nowMs) await this.clock.sleep(beginMs - nowMs, signal)
  }
}

/** `fingers`: how many the gallery holds. */
export function licenceStatus({ unit, perSecond, until }: Licence, fingers: number): LicenceStatus {
  const perRecord = unit === 'records' ? 1 : FINGERS * Math.max(1, fingers)
  return { unit, perSecond, until, recordsPerSecond: perSecond / perRecord }
}

/** A certificate that has to be replaced before its end. */
export interface Lapsing {
  readonly whose: string
  readonly untilMs: number
}

/** What ends within 90 days, or has ended; the first end first. */
export function lapsesOf(
  licence: Licence | undefined,
  certificates: readonly Lapsing[],
  nowMs: number,
): readonly Lapse[] {
  const ends: { what: Lapse['what']; whose?: string; untilMs: number }[] = certificates.map(
    ({ whose, untilMs }) => ({ what: 'certificate', whose, untilMs }),
  )
  if (licence !== undefined) ends.push({ what: 'licence', untilMs: endOf(licence.until) })
  if (licence?.maintenanceUntil !== undefined)
    ends.push({ what: 'maintenance', untilMs: endOf(licence.maintenanceUntil) })
  return ends
    .sort((a, b) => a.untilMs - b.untilMs)
    .flatMap(({ untilMs, ...what }) => {
      const level = lapseLevelOf(untilMs, nowMs)
      return level === undefined ? [] : [{ ...what, until: new Date(untilMs).toISOString(), level }]
    })
}

function endOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) + DAY_MS
}
