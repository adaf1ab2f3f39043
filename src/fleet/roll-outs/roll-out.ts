/**
 * A configuration, or an image, on its way to many kiosks, over hours and restarts: first to a few, then to the others at a pace, and
 * no further than it does them no harm. What happens next is decided here, purely; `runner.ts` does it.
 *
 *     proposed ─▶ approved ─▶ running ⇄ paused
 *         │          │           ├─▶ done      everybody has it, or was given up
 *         └──────────┴───────────┼─▶ stopped   more failed than may
 *                                └─▶ cancelled by a person, from every state but the last three
 *
 * Always true:
 * - Nobody but the first share is sent anything before all of that share are decided.
 * - Once more than `failuresMax` have failed, nobody else is sent anything.
 */
import { z } from 'zod'
import { isDecided, type Outcome } from '../outcome.ts'
import type { SeenKiosk } from '../seen-kiosk.ts'
import type { Cargo, Wish } from '../wish.ts'

const GROUP = /^[a-z0-9-]{1,36}$/
const MINUTE_MS = 60_000
/** The pace of a roll-out that grows is not reckoned beyond any fleet. */
const PER_MINUTE_MAX = 1_000_000

export const planSchema = z.strictObject({
  /** Groups, single kiosks, or `all`. */
  to: z.array(z.string().regex(GROUP)).min(1).max(32),
  /** The share that tries it first, and is waited for. */
  canaryPercent: z.number().min(1).max(100).default(5),
  failuresMax: z.int().min(0).max(100_000).default(0),
  /** Kiosks a minute, after the first share; absent: as fast as they can be sent. */
  perMinute: z.int().min(1).max(PER_MINUTE_MAX).optional(),
  /** By how much the pace grows every minute; 1 is a constant one. */
  growth: z.number().min(1).max(10).default(1),
  /** How long one kiosk may take before it is given up. */
  waitMs: z
    .int()
    .min(1_000)
    .max(30 * 86_400_000)
    .default(1_800_000),
})
export type Plan = z.infer<typeof planSchema>

export const rollOutStates = [
  'proposed',
  'approved',
  'running',
  'paused',
  'done',
  'stopped',
  'cancelled',
] as const
export type RollOutState = (typeof rollOutStates)[number]

export type RollOut = Cargo & {
  readonly id: string
  readonly state: RollOutState
  /** Since when it is in that state. */
  readonly at: string
  readonly plan: Plan
  readonly proposed: { readonly by: string; readonly at: string }
  readonly approved?: { readonly by: string; readonly at: string }
  /** Once it runs: of the configuration, or of the wish for the image. */
  readonly version?: number
  /** Why it stopped. */
  readonly reason?: 'too-many-failed' | 'no-kiosks'
}

/** How one kiosk stands in a roll-out. `lost`: nothing was heard in time; `unreachable`: it was off before and after. */
export interface KioskProgress {
  readonly stage: 0 | 1
  readonly sentMs?: number
  /** It was there when it was sent. */
  readonly wasOnline?: boolean
  readonly outcome?: Exclude<Outcome, 'waiting' | 'on-trial'> | 'lost' | 'unreachable'
}

export function isEnded(state: RollOutState): boolean {
  return state === 'done' || state === 'stopped' || state === 'cancelled'
}

export function hasFailed({ outcome }: KioskProgress): boolean {
  return outcome === 'rejected' || outcome === 'rolled-back' || outcome === 'lost'
}

export interface Counts {
  readonly kiosks: number
  readonly sent: number
  readonly kept: number
  readonly failed: number
  /** Off all the time, or gone on to a later configuration. */
  readonly passedOver: number
}

export function countsOf(progress: Iterable<KioskProgress>): Counts {
  const counts = { kiosks: 0, sent: 0, kept: 0, failed: 0, passedOver: 0 }
  for (const each of progress) {
    counts.kiosks++
    if (each.sentMs !== undefined) counts.sent++
    if (each.outcome === 'kept') counts.kept++
    else if (hasFailed(each)) counts.failed++
    else if (each.outcome !== undefined) counts.passedOver++
  }
  return counts
}

export interface Step {
  /** Kiosks of which something new is to be written down. */
  readonly changed: ReadonlyMap<string, KioskProgress>
  /** Of these, who is to be sent it now. */
  readonly send: readonly string[]
  readonly ends?: { readonly state: 'done' | 'stopped'; readonly reason?: RollOut['reason'] }
}

/** What comes next for one that runs, or is paused: then only what became of those who have it. */
export function nextStep(
  { state, plan }: Pick<RollOut, 'state' | 'plan'>,
  wish: Pick<Wish, 'outcomeOf'>,
  progress: ReadonlyMap<string, KioskProgress>,
  seenOf: (kiosk: string) => SeenKiosk | undefined,
  nowMs: number,
): Step {
  const changed = new Map<string, KioskProgress>()
  const now = (kiosk: string) => changed.get(kiosk) ?? (progress.get(kiosk) as KioskProgress)
  for (const [kiosk, each] of progress) {
    const outcome = judged(each, seenOf(kiosk), { wish, waitMs: plan.waitMs, nowMs })
    if (outcome !== undefined) changed.set(kiosk, { ...each, outcome })
  }
  const all = [...progress.keys()].map(now)
  const { failed } = countsOf(all)
  if (failed > plan.failuresMax)
    return { changed, send: [], ends: { state: 'stopped', reason: 'too-many-failed' } }
  if (all.every(({ outcome }) => outcome !== undefined)) return { changed, send: [], ends: { state: 'done' } }
  if (state === 'paused') return { changed, send: [] }
  const isFirstOver = all.every(({ stage, outcome }) => stage === 1 || outcome !== undefined)
  const unsent = [...progress.keys()].filter(kiosk => {
    const { stage, sentMs, outcome } = now(kiosk)
    return sentMs === undefined && outcome === undefined && (stage === 0 || isFirstOver)
  })
  const send = unsent.slice(0, isFirstOver ? allowed(plan, all, nowMs) : unsent.length)
  for (const kiosk of send)
    changed.set(kiosk, {
      ...now(kiosk),
      sentMs: nowMs,
      wasOnline: isThere(seenOf(kiosk)),
    })
  return { changed, send }
}

/** What has become of it now; undefined while that is open, or was known before. */
function judged(
  { sentMs, wasOnline, outcome }: KioskProgress,
  seen: SeenKiosk | undefined,
  { wish, waitMs, nowMs }: { wish: Pick<Wish, 'outcomeOf'>; waitMs: number; nowMs: number },
): KioskProgress['outcome'] {
  if (outcome !== undefined || sentMs === undefined) return undefined
  const reported = seen === undefined ? 'waiting' : wish.outcomeOf(seen)
  if (isDecided(reported)) return reported as KioskProgress['outcome']
  if (nowMs - sentMs < waitMs) return undefined
  // One that went away with it may have gone because of it.
  return wasOnline || isThere(seen) ? 'lost' : 'unreachable'
}

/** Also out of service it hears and answers. */
function isThere(seen: SeenKiosk | undefined): boolean {
  return seen?.state?.state === 'online' || seen?.state?.state === 'maintenance'
}

/** How many more may be sent it this minute. */
function allowed({ perMinute, growth }: Plan, all: readonly KioskProgress[], nowMs: number): number {
  if (perMinute === undefined) return Number.POSITIVE_INFINITY
  const sentMs = all.flatMap(({ stage, sentMs }) => (stage === 1 && sentMs !== undefined ? [sentMs] : []))
  const firstMs = sentMs.reduce((least, ms) => Math.min(least, ms), nowMs)
  const minutes = Math.floor((nowMs - firstMs) / MINUTE_MS)
  const pace = Math.min(PER_MINUTE_MAX, Math.floor(perMinute * growth ** minutes))
  return Math.max(0, pace - sentMs.filter(ms => ms > nowMs - MINUTE_MS).length)
}
