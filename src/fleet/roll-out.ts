/**
 * Brings one configuration, or one image, to many kiosks: first to a few, and to the others only where it did those no harm.
 *
 * Always true:
 * - A kiosk of the second stage is sent nothing before every one of the first has kept the configuration, but for as
 *   many failures as are allowed.
 * - What was sent is the broker's to deliver: kiosks that are off get it when they come back, whether we still wait
 *   or not.
 */
import { setMaxListeners } from 'node:events'
import type { Clock } from '../base/clock.ts'
import type { Broker } from '../mqtt/broker.ts'
import { kioskTopic } from '../mqtt/topics.ts'
import type { OpsSeal } from '../seal/seal.ts'
import type { FleetView } from './fleet-view.ts'
import { isDecided, type Outcome } from './outcome.ts'
import type { SeenKiosk } from './seen-kiosk.ts'
import type { Wish } from './wish.ts'

/** Publishes under way; the broker may allow fewer. */
const SEND_MAX = 50

export interface RollOutParts {
  readonly view: Pick<FleetView, 'kiosks' | 'onKiosk'>
  readonly broker: Broker
  readonly seal: OpsSeal
  readonly clock: Clock
}

export interface RollOutPlan {
  readonly wish: Wish
  /** In the order of stages. */
  readonly stages: readonly (readonly string[])[]
  /** Kiosks of one stage that may fail without ending it. */
  readonly failuresMax: number
  /** How long one stage may take; after that who has said nothing counts as failed. */
  readonly waitMs: number
}

export interface KioskOutcome {
  readonly kiosk: string
  readonly outcome: Outcome
  readonly seen: SeenKiosk | undefined
}

/** `stopped`: too many failed, so that later stages were sent nothing. `unsent`: those. */
export interface RollOutResult {
  readonly outcomes: readonly KioskOutcome[]
  readonly stopped: boolean
  readonly unsent: readonly string[]
}

/** `onOutcome` hears of every kiosk once it is decided. Rejects with `broker/offline` and as the signal does. */
export async function rollOut(
  parts: RollOutParts,
  plan: RollOutPlan,
  { signal, onOutcome }: { signal: AbortSignal; onOutcome(outcome: KioskOutcome): void },
): Promise<RollOutResult> {
  const outcomes: KioskOutcome[] = []
  for (const [index, stage] of plan.stages.entries()) {
    await send(parts, plan.wish, stage, signal)
    const ended = await outcomesOf(parts, plan, stage, { signal, onOutcome })
    outcomes.push(...ended)
    const failed = ended.filter(({ outcome }) => outcome !== 'kept').length
    const unsent = plan.stages.slice(index + 1).flat()
    if (failed > plan.failuresMax && unsent.length > 0) return { outcomes, stopped: true, unsent }
  }
  return { outcomes, stopped: false, unsent: [] }
}

/**
 * `percent` of the kiosks, and at least one, from all over the list; those that are there now first, since nothing
 * is learned from the others. Then the rest.
 */
export function stagesOf(kiosks: readonly SeenKiosk[], percent: number): string[][] {
  const names = (isOnline: boolean) =>
    kiosks
      .filter(({ state }) => (state?.state === 'online') === isOnline)
      .map(({ kiosk }) => kiosk)
      .sort()
  const count = Math.min(kiosks.length, Math.max(1, Math.ceil((kiosks.length * percent) / 100)))
  const online = names(true)
  const step = Math.max(1, online.length / count)
  const spread = Array.from(
    { length: Math.min(count, online.length) },
    (_, n) => online[Math.floor(n * step)],
  )
  const first = new Set([...spread, ...names(false).slice(0, count - spread.length)])
  const rest = [...online, ...names(false)].filter(kiosk => !first.has(kiosk))
  return rest.length === 0 ? [[...first]] : [[...first], rest]
}

async function send(
  { broker, seal }: RollOutParts,
  wish: Wish,
  kiosks: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  // Every publish under way listens to it.
  const sending = AbortSignal.any([signal])
  setMaxListeners(0, sending)
  let next = 0
  const lane = async () => {
    while (next < kiosks.length) {
      const kiosk = kiosks[next++]
      const { body } = await wish.seal(seal, kiosk)
      const topic = kioskTopic(kiosk, wish.topic)
      await broker.publish({ topic, body, qos: 1, retain: true }, sending)
    }
  }
  await Promise.all(Array.from({ length: SEND_MAX }, lane))
}

async function outcomesOf(
  { view, clock }: RollOutParts,
  { wish, waitMs }: RollOutPlan,
  kiosks: readonly string[],
  { signal, onOutcome }: { signal: AbortSignal; onOutcome(outcome: KioskOutcome): void },
): Promise<readonly KioskOutcome[]> {
  const open = new Set(kiosks)
  const outcomes: KioskOutcome[] = []
  const end = (kiosk: string, seen: SeenKiosk | undefined) => {
    const outcome = wish.outcomeOf(seen ?? { kiosk })
    outcomes.push({ kiosk, outcome, seen })
    open.delete(kiosk)
    onOutcome({ kiosk, outcome, seen })
  }
  const done = new AbortController()
  const look = (seen: SeenKiosk | undefined) => {
    if (seen === undefined || !open.has(seen.kiosk) || !isDecided(wish.outcomeOf(seen))) return
    end(seen.kiosk, seen)
    if (open.size === 0) done.abort()
  }
  const stop = view.onKiosk(look)
  for (const kiosk of kiosks) look(view.kiosks.get(kiosk))
  await clock.sleep(waitMs, AbortSignal.any([signal, done.signal])).catch(() => {})
  stop()
  signal.throwIfAborted()
  for (const kiosk of [...open]) end(kiosk, view.kiosks.get(kiosk))
  return outcomes
}
