/** What the ABIS says of itself on `tunggal/1/abis/<abis>/status`: counts and dates, of nobody in particular. */
import { z } from 'zod'
import { lapseLevels } from '../base/lapse.ts'

const NAME_CHARS_MAX = 36
/** Of licences, contracts and certificates. */
const LAPSES_MAX = 16

const count = z.int().min(0)
const at = z.iso.datetime()
const name = z.string().min(1).max(NAME_CHARS_MAX)

/** Records by where they stand. `sfe`: received, not yet searched. */
const standing = {
  received: count,
  sfe: count,
  prr: count,
  duplicate: count,
  adjudicate: count,
  failed: count,
}

export const kioskStandingSchema = z.object({
  ...z.object(standing).partial({ sfe: true, prr: true, duplicate: true, adjudicate: true, failed: true })
    .shape,
  /** Numbers below the highest that have not arrived. */
  missing: count,
  /** Since when the oldest of this kiosk's records waits for its search. */
  oldestSfeAt: at.optional(),
})
/** One kiosk's records; what is 0 may be left out. */
export type KioskStanding = z.infer<typeof kioskStandingSchema>

/** What the ABIS was bought for. */
export const licenceStatusSchema = z.object({
  unit: z.enum(['records', 'comparisons']),
  /** Of that unit. */
  perSecond: z.number().positive(),
  /** The last day that it is valid. */
  until: z.iso.date(),
  /** The same in records of ten fingers, at the present size of the gallery. */
  recordsPerSecond: z.number().min(0),
})
export type LicenceStatus = z.infer<typeof licenceStatusSchema>

export const lapseSchema = z.object({
  what: z.enum(['licence', 'maintenance', 'certificate']),
  /** Of a certificate: whose. */
  whose: name.optional(),
  until: at,
  level: z.enum(lapseLevels),
})
/** Something that ends soon, or has ended. */
export type Lapse = z.infer<typeof lapseSchema>

/** Readers ignore what a newer ABIS says beyond it, and do without what an older one does not say. */
export const abisStatusSchema = z.object({
  ...standing,
  abis: name,
  at: at.optional(),
  /** Verdicts a second, over the last minute. */
  perSecond: z.number().min(0),
  /** Bodies that were not what they claim to be. */
  refused: count.default(0),
  /** Sequence numbers and ids that came twice with different bodies, and kiosks of which numbers are missing. */
  alarms: count.default(0),
  /** Since when the oldest waits for its search, and for a person's decision. */
  oldestSfeAt: at.optional(),
  oldestAdjudicateAt: at.optional(),
  byKiosk: z.record(name, kioskStandingSchema).default({}),
  licence: licenceStatusSchema.optional(),
  lapses: z.array(lapseSchema).max(LAPSES_MAX).default([]),
})
export type AbisStatus = z.infer<typeof abisStatusSchema>
