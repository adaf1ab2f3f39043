/** How many citizens wait, where, since when, and how long it will take. Pure. */
import type { AbisStatus, KioskStanding } from '../record/abis-status.ts'
import type { SeenKiosk } from './seen-kiosk.ts'

export const backlogKinds = ['kiosk', 'site', 'province'] as const
export type BacklogKind = (typeof backlogKinds)[number]

/** Records by where they stand. */
export interface Backlog {
  /** Sealed, in the outbox of a kiosk, without a receipt. */
  readonly atKiosk: number
  /** Received at the centre, not yet searched. */
  readonly atCentral: number
  readonly adjudicate: number
  readonly printReady: number
  readonly duplicate: number
  readonly failed: number
  /** Numbers that a kiosk has given and the centre has not seen below a later one. */
  readonly missing: number
  /** Since when the oldest waits, at a kiosk or at the centre. */
  readonly oldestAt?: string
}

/** `name`: of a kiosk, a site, a province; empty where a kiosk does not say. */
export type BacklogRow = Backlog & { readonly name: string }

/** Who has waited longest comes first. Kiosks that only the ABIS knows count too. */
export function backlogBy(
  kind: BacklogKind,
  kiosks: ReadonlyMap<string, SeenKiosk>,
  abis: readonly AbisStatus[],
): readonly BacklogRow[] {
  const rows = new Map<string, Backlog>()
  for (const kiosk of new Set([...kiosks.keys(), ...abis.flatMap(({ byKiosk }) => Object.keys(byKiosk))])) {
    const seen = kiosks.get(kiosk)
    const name = kind === 'kiosk' ? kiosk : (seen?.state?.[kind] ?? '')
    const standings = abis.flatMap(({ byKiosk }) => byKiosk[kiosk] ?? [])
    const backlogs = [atKiosk(seen), ...standings.map(atCentre)]
    rows.set(name, backlogs.reduce(plus, rows.get(name) ?? NOTHING))
  }
  return [...rows]
    .map(([name, backlog]) => ({ ...backlog, name }))
    .sort((a, b) => compare(a.oldestAt ?? '~', b.oldestAt ?? '~') || compare(a.name, b.name))
}

/** Of the whole fleet. */
export function wholeBacklog(kiosks: ReadonlyMap<string, SeenKiosk>, abis: readonly AbisStatus[]): Backlog {
  const atKiosks = [...kiosks.values()].map(atKiosk)
  // The ABIS's own sums: the list of its kiosks may be shorter.
  const atCentres = abis.map(status => {
    const missing = Object.values(status.byKiosk).reduce((sum, kiosk) => sum + kiosk.missing, 0)
    return atCentre({ ...status, missing })
  })
  return [...atKiosks, ...atCentres].reduce(plus, NOTHING)
}

/** How long until nobody waits, if nobody else came. */
export interface Drain {
  readonly waiting: number
  /** Verdicts a second now; seconds are absent where nothing moves. */
  readonly perSecond: number
  readonly seconds?: number
  /** What the licences allow; absent without one. 0: it has ended. */
  readonly licensedPerSecond?: number
  readonly licensedSeconds?: number
}

export function drainOf({ atKiosk, atCentral }: Backlog, abis: readonly AbisStatus[]): Drain {
  const waiting = atKiosk + atCentral
  const perSecond = abis.reduce((sum, status) => sum + status.perSecond, 0)
  const licences = abis.flatMap(({ licence, lapses }) =>
    licence === undefined ? [] : [isLapsed(lapses) ? 0 : licence.recordsPerSecond],
  )
  const licensedPerSecond =
    licences.length === 0 ? undefined : licences.reduce((sum, perSecond) => sum + perSecond, 0)
  return {
    waiting,
    perSecond,
    ...secondsOf('seconds', waiting, perSecond),
    ...(licensedPerSecond !== undefined && {
      licensedPerSecond,
      ...secondsOf('licensedSeconds', waiting, licensedPerSecond),
    }),
  }
}

function secondsOf<Name extends string>(name: Name, waiting: number, perSecond: number) {
  if (waiting > 0 && perSecond <= 0) return {}
  return { [name]: waiting === 0 ? 0 : Math.ceil(waiting / perSecond) } as { [name in Name]: number }
}

function isLapsed(lapses: AbisStatus['lapses']): boolean {
  return lapses.some(({ what, level }) => what === 'licence' && level === 'lapsed')
}

const NOTHING: Backlog = {
  atKiosk: 0,
  atCentral: 0,
  adjudicate: 0,
  printReady: 0,
  duplicate: 0,
  failed: 0,
  missing: 0,
}

function atKiosk(seen: SeenKiosk | undefined): Backlog {
  const { waiting = 0, setAside = 0, oldestAt } = seen?.telemetry?.outbox ?? {}
  return { ...NOTHING, atKiosk: waiting + setAside, ...(oldestAt && { oldestAt }) }
}

function atCentre(standing: KioskStanding): Backlog {
  const { sfe = 0, adjudicate = 0, prr = 0, duplicate = 0, failed = 0, missing, oldestSfeAt } = standing
  return {
    atKiosk: 0,
    atCentral: sfe,
    adjudicate,
    printReady: prr,
    duplicate,
    failed,
    missing,
    ...(oldestSfeAt && { oldestAt: oldestSfeAt }),
  }
}

function plus(a: Backlog, b: Backlog): Backlog {
  const oldestAt = [a.oldestAt, b.oldestAt].filter(at => at !== undefined).sort()[0]
  return {
    atKiosk: a.atKiosk + b.atKiosk,
    atCentral: a.atCentral + b.atCentral,
    adjudicate: a.adjudicate + b.adjudicate,
    printReady: a.printReady + b.printReady,
    duplicate: a.duplicate + b.duplicate,
    failed: a.failed + b.failed,
    missing: a.missing + b.missing,
    ...(oldestAt && { oldestAt }),
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
