/** What retained topics say of one kiosk, and how a message changes that. Pure. */
import { z } from 'zod'
import type { KioskTopicName } from '../mqtt/topics.ts'
import { type Desired, type Reported, reportedSchema } from '../settings/desired.ts'
import { type DesiredUpdate, type ReportedUpdate, reportedUpdateSchema } from '../settings/update-desired.ts'

const PARTS_MAX = 64
const LIMITS_MAX = 16
const NAME_CHARS_MAX = 60

const name = z.string().max(NAME_CHARS_MAX)
const count = z.int().min(0)
const at = z.iso.datetime()

const stateSchema = z.object({
  state: z.enum(['online', 'offline', 'maintenance']),
  since: z.string().max(40),
  version: z.string().max(40),
  site: z.string().max(60),
  province: z.string().max(2),
  groups: z.array(z.string().max(36)).max(16),
})
export type KioskState = z.infer<typeof stateSchema>

const partSchema = z.object({ name, kind: name, up: z.boolean(), code: name.optional() })

/** As `src/health/telemetry.ts` writes it; what a newer kiosk says beyond it is ignored. */
const telemetrySchema = z.object({
  at,
  version: z.string().max(40),
  uptimeSeconds: count,
  outbox: z.object({ waiting: count, events: count, setAside: count, oldestAt: at.optional() }),
  store: z.object({
    level: z.enum(['ok', 'warning', 'urgent', 'full']),
    limitedBy: name,
    fraction: z.number().min(0),
    findings: count,
  }),
  parts: z.array(partSchema).max(PARTS_MAX).default([]),
  limits: z.array(name).max(LIMITS_MAX).default([]),
  staffCalled: z.boolean().default(false),
  screenIsDark: z.boolean().default(false),
  housingOpenedAt: at.optional(),
  memoryMib: count.optional(),
  lastEnrolledAt: at.optional(),
  certificateUntil: at.optional(),
  samples: z
    .object({ count, scoreMean: z.number().min(0).max(100), goodFraction: z.number().min(0).max(1) })
    .optional(),
  /** What the ABIS sent for the pre-filter. */
  gallery: z.object({ fingers: count, inScope: count.optional(), complete: z.boolean() }).optional(),
})
export type KioskTelemetry = z.infer<typeof telemetrySchema>

export interface SeenKiosk {
  readonly kiosk: string
  readonly state?: KioskState
  readonly desired?: Desired
  readonly reported?: Reported
  readonly telemetry?: KioskTelemetry
  /** Of its image. */
  readonly update?: { readonly desired?: DesiredUpdate; readonly reported?: ReportedUpdate }
}

/** Topics that `heard` understands, beside `config/desired` and `update/desired`, which are signed. */
export const plainTopicNames = [
  'state',
  'telemetry',
  'config/reported',
  'update/reported',
] as const satisfies KioskTopicName[]
export type PlainTopicName = (typeof plainTopicNames)[number]

/** What is known after a message. A body that does not fit takes away what was known by that topic: it is not so any more. */
export function heard(seen: SeenKiosk, topicName: PlainTopicName, body: Uint8Array): SeenKiosk {
  const value = jsonOf(body)
  switch (topicName) {
    case 'state':
      return { ...seen, state: stateSchema.safeParse(value).data }
    case 'telemetry':
      return { ...seen, telemetry: telemetrySchema.safeParse(value).data }
    case 'config/reported':
      return { ...seen, reported: reportedSchema.safeParse(value).data }
    case 'update/reported':
      return { ...seen, update: { ...seen.update, reported: reportedUpdateSchema.safeParse(value).data } }
  }
}

/** Whether a list of names means it: its own, one of its groups, or `all`. */
export function isNamed({ kiosk, state }: SeenKiosk, names: readonly string[]): boolean {
  return names.some(name => name === 'all' || kiosk === name || state?.groups.includes(name))
}

export function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString())
  } catch {
    return undefined
  }
}
