/**
 * What a kiosk holds of its updates, and how it goes on. Pure: `updater.ts` acts, and writes each step down before the
 * next is taken, so that whatever ends the kiosk at any instant, the next start knows how far it was.
 *
 *     downloading ─▶ waiting ─▶ installing ─▶ restarting ─▶ on-trial ─▶ applied
 *          │            │           │              │            └─ unwell: the other slot, rolled back
 *          └────────────┴───────────┴─ rejected    └─ three boots that came to nothing: rolled back
 */
import { type ConfigError, configError } from '../../src/settings/desired.ts'
import type { DesiredUpdate, ReportedUpdate, UpdateStep } from '../../src/settings/update-desired.ts'
import { compareVersions } from './version.ts'

/** A slot that cannot be filled in so many tries is not tried again. */
const INSTALLS_MAX = 3
/** As many as a stick's bundles that are looked at. */
const LEFT_MAX = 20

export interface Pending {
  /** As operations number it; 0: it came on a stick. */
  readonly version: number
  /** The version of the image. */
  readonly image: string
  /** Absent: it came on a stick. */
  readonly desired?: DesiredUpdate
  readonly step: UpdateStep
  /** How often its slot was begun to be filled. */
  readonly installs: number
  /** The boot in which it was installed. */
  readonly bootId?: string
  /** What was wrong with the kiosk before it was restarted. */
  readonly troubles: readonly string[]
  /** Why its slot is being left. */
  readonly errors?: readonly ConfigError[]
}

export interface HeldUpdate {
  /** The highest number of operations so far. */
  readonly highest: number
  /** The newest image that was found good here. */
  readonly floor: string
  /** The image that was last left again: a stick may still hold it. */
  readonly left?: string
  /** Those before it: a stick may hold several. */
  readonly leftBefore?: readonly string[]
  readonly pending?: Pending
  /** Came while another could not be given up any more. */
  readonly next?: DesiredUpdate
  readonly report: Pick<ReportedUpdate, 'version' | 'state' | 'errors' | 'at'>
}

/** ISO 8601, and which image runs in which boot. */
export interface Now {
  readonly at: string
  readonly running: string
  readonly bootId: string
}

/** Whether both are the same wish, at whatever step. */
export function isSame(a: Pending | undefined, b: Pending | undefined): boolean {
  return a?.version === b?.version && a?.image === b?.image
}

export function nothingHeld({ running, at }: Now): HeldUpdate {
  return { highest: 0, floor: running, report: { version: 0, state: 'applied', errors: [], at } }
}

/** Operations want this. `stale`: they wanted something newer before. */
export function received(held: HeldUpdate, desired: DesiredUpdate, now: Now): HeldUpdate | 'stale' {
  const { version } = desired
  const wanted = held.next ?? held.pending?.desired
  if (version === held.highest && (wanted === undefined || wanted.sha256 === desired.sha256)) return held
  if (version <= held.highest) return 'stale'
  const rest = { ...held, highest: version, next: undefined }
  const step = held.pending?.step
  if (step === 'installing' || step === 'restarting' || step === 'on-trial') return { ...rest, next: desired }
  return begun({ ...rest, pending: undefined }, desired, now)
}

function begun(held: HeldUpdate, desired: DesiredUpdate, now: Now): HeldUpdate {
  const { version, image, expiresAt } = desired
  if (compareVersions(image, now.running) === 0)
    return { ...held, report: { version, state: 'applied', errors: [], at: now.at } }
  const refuse = (code: 'update/older' | 'update/expired', text: string) =>
    rejected({ ...held, pending: pendingOf(desired) }, [configError(code, '', text)], now)
  if (compareVersions(image, held.floor) < 0)
    return refuse('update/older', `${image} is older than ${held.floor}, which was good here`)
  if (now.at > expiresAt) return refuse('update/expired', `it was not to be installed after ${expiresAt}`)
  return { ...held, pending: pendingOf(desired) }
}

function pendingOf(desired: DesiredUpdate): Pending {
  const { version, image } = desired
  return { version, image, desired, step: 'downloading', installs: 0, troubles: [] }
}

/** A bundle that may be installed came on a stick, and is copied. */
export function broughtByHand(held: HeldUpdate, image: string): HeldUpdate {
  const pending: Pending = { version: 0, image, step: 'waiting', installs: 0, troubles: [] }
  return { ...held, pending }
}

/** Its bundle is here and may be installed. */
export function downloaded(held: HeldUpdate): HeldUpdate {
  return onStep(held, 'waiting')
}

/** Its slot is going to be filled. */
export function installing(held: HeldUpdate, { bootId }: Now): HeldUpdate {
  const { pending } = held
  return pending === undefined
    ? held
    : { ...held, pending: { ...pending, step: 'installing', bootId, installs: pending.installs + 1 } }
}

/** Its slot is filled, and is the next that boots. */
export function installed(held: HeldUpdate, troubles: readonly string[]): HeldUpdate {
  const { pending } = held
  return pending === undefined ? held : { ...held, pending: { ...pending, step: 'restarting', troubles } }
}

/** The kiosk starts. What was under way goes on, or has ended. */
export function started(held: HeldUpdate, now: Now): HeldUpdate {
  const { pending } = held
  if (pending === undefined) return held
  const runs = compareVersions(pending.image, now.running) === 0
  switch (pending.step) {
    case 'downloading':
    case 'waiting':
      return held
    case 'installing':
      if (runs) return onStep(held, 'on-trial')
      if (pending.installs < INSTALLS_MAX) return onStep(held, 'waiting')
      return rejected(held, [configError('update/not-installed', '', 'it was cut off every time')], now)
    case 'restarting':
      if (runs) return onStep(held, 'on-trial')
      return pending.bootId === now.bootId ? held : rolledBack(held, now)
    case 'on-trial':
      return runs ? held : rolledBack(held, now)
  }
}

/** The image that runs is good. Another may be wanted since it was looked at. */
export function confirmed(held: HeldUpdate, now: Now): HeldUpdate {
  const floor = compareVersions(now.running, held.floor) > 0 ? now.running : held.floor
  if (held.pending?.step !== 'on-trial') return floor === held.floor ? held : { ...held, floor }
  const { version } = held.pending
  return ended({ ...held, floor }, { version, state: 'applied', errors: [], at: now.at }, now)
}

/** Its slot is going to be left. */
export function unwell(held: HeldUpdate, errors: readonly ConfigError[]): HeldUpdate {
  return held.pending === undefined ? held : { ...held, pending: { ...held.pending, errors } }
}

export function rejected(held: HeldUpdate, errors: readonly ConfigError[], now: Now): HeldUpdate {
  const version = held.pending?.version ?? held.report.version
  return ended(held, { version, state: 'rejected', errors: [...errors], at: now.at }, now)
}

function rolledBack(held: HeldUpdate, now: Now): HeldUpdate {
  const { version = 0, image = '', errors } = held.pending ?? {}
  const text = `${image} did not come up in any of its boots; ${now.running} runs again`
  const why = errors ?? [configError('update/not-starting', '', text)]
  const report = { version, state: 'rolled-back' as const, errors: [...why], at: now.at }
  const before = [held.left ?? image, ...(held.leftBefore ?? [])].filter(other => other !== image)
  return ended({ ...held, left: image, leftBefore: before.slice(0, LEFT_MAX) }, report, now)
}

function ended(held: HeldUpdate, report: HeldUpdate['report'], now: Now): HeldUpdate {
  const { next, ...rest } = { ...held, pending: undefined, report }
  return next === undefined ? rest : begun(rest, next, now)
}

function onStep(held: HeldUpdate, step: UpdateStep): HeldUpdate {
  return held.pending === undefined ? held : { ...held, pending: { ...held.pending, step } }
}
