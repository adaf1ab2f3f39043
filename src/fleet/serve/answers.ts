/** What the page is told. Nothing here changes anything. */

import { valueAt } from '../../settings/overlay.ts'
import { backlogBy, drainOf, wholeBacklog } from '../backlog.ts'
import { differences } from '../outcome.ts'
import { hasFailed, type KioskProgress, type RollOut } from '../roll-outs/roll-out.ts'
import type { Room } from '../room/room.ts'
import { BACKLOG_ROWS_MAX } from './protocol.ts'
import type { KioskPage, Overview, RollOutPage, RollOutRow } from './protocol-paths.ts'

const AUDIT_MAX = 200
const ROLL_OUTS_MAX = 50
const KIOSKS_MAX = 200

export function overview({ view, broker, index, clock }: Room): Overview {
  const backlog = wholeBacklog(view.kiosks, view.abis)
  return {
    at: new Date(clock.nowMs()).toISOString(),
    isConnected: broker.connection !== undefined,
    fleet: index.totals(),
    backlog,
    drain: drainOf(backlog, view.abis),
    abis: view.abis.map(({ byKiosk: _, ...status }) => status),
  }
}

export function backlogRows({ view }: Room, by: Parameters<typeof backlogBy>[0]) {
  const rows = backlogBy(by, view.kiosks, view.abis)
  return { total: rows.length, rows: rows.slice(0, BACKLOG_ROWS_MAX) }
}

export async function kioskPage(
  { view, index, timeline, commands }: Room,
  kiosk: string,
): Promise<KioskPage | undefined> {
  const summary = index.get(kiosk)
  const seen = view.kiosks.get(kiosk)
  if (summary === undefined || seen === undefined) return undefined
  const good = await timeline.goodConfig(kiosk)
  return {
    summary,
    telemetry: seen.telemetry,
    desired: seen.desired,
    reported: seen.reported,
    ...(good && { good: { version: good.version, at: good.at } }),
    differences: differences(seen).map(difference => ({
      ...difference,
      ...(good && { good: valueAt(good.settings, difference.path) }),
    })),
    timeline: await timeline.entries(kiosk),
    commands: commands.of(kiosk),
  }
}

/** Newest first. */
export async function auditEntries({ audit }: Room) {
  const entries: { number: number; intact: boolean; entry: object }[] = []
  for await (const page of audit.entries()) {
    entries.push(page)
    if (entries.length > AUDIT_MAX) entries.shift()
  }
  return { entries: entries.reverse() }
}

/** Newest first. */
export async function rollOutRows({ rollOuts }: Room) {
  const rows: RollOutRow[] = []
  for (const rollOut of rollOuts.list().slice(0, ROLL_OUTS_MAX)) rows.push(await rowOf(rollOuts, rollOut))
  return { rollOuts: rows }
}

async function rowOf(book: Room['rollOuts'], { settings, image, ...rollOut }: RollOut): Promise<RollOutRow> {
  return { ...rollOut, counts: await book.counts(rollOut.id), ...(image && { imageVersion: image.image }) }
}

export async function rollOutPage({ rollOuts, view }: Room, id: string): Promise<RollOutPage | undefined> {
  const rollOut = rollOuts.list().find(each => each.id === id)
  if (rollOut === undefined) return undefined
  const { settings, image, version } = rollOut
  const progress = [...(await rollOuts.progress(id))].map(([kiosk, each]) => {
    const pending = image && view.kiosks.get(kiosk)?.update?.reported?.pending
    return { ...each, kiosk, ...(pending?.version === version && { pending }) }
  })
  const rank = (each: KioskProgress) => (hasFailed(each) ? 0 : each.outcome === undefined ? 1 : 2)
  return {
    ...(await rowOf(rollOuts, rollOut)),
    ...(settings && { settings }),
    ...(image && { image }),
    kiosks: progress.sort((a, b) => rank(a) - rank(b)).slice(0, KIOSKS_MAX),
  }
}
