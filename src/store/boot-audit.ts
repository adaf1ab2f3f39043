import type { Kv } from '../kv/kv.ts'
import { DAMAGED, type Held, readHeld, toQueueEntry } from './held.ts'
import type { Mark } from './high-water-mark.ts'
import {
  decodeValue,
  keyOf,
  type LastGroup,
  lastPart,
  parseEntryKey,
  parseSettledKey,
  type StoredRecord,
  type StoreMeta,
  under,
} from './layout.ts'
import type { AuditFinding } from './ports.ts'
import type { QueueEntry } from './queue.ts'
import { SettledRuns } from './settled-runs.ts'

/** Enough to see what kind of damage it is; `findingsTotal` says how much. */
const FINDINGS_MAX = 1000

export interface BootAudit {
  /** Undefined: neither database nor mark knows one. */
  readonly bootEpoch: string | undefined
  /** The database knows its own epoch. */
  readonly hasMeta: boolean
  /** The highest sequence number given out, by database or mark. */
  readonly highest: number
  /** Every number up to this one is settled, and the ledger has no entry of its own for it. */
  readonly settledThrough: number
  readonly queue: readonly QueueEntry[]
  /** Those of `queue` that are set aside because of what was found now. */
  readonly newlyAside: readonly QueueEntry[]
  readonly findings: readonly AuditFinding[]
  readonly findingsTotal: number
  /** The mark must be written again before anything counts on it. */
  readonly markStale: boolean
}

/**
 * The audit at start: reads the whole outbox, the ledger and the records, and proves that every sequence
 * number up to the high-water mark is waiting, set aside or settled. It changes nothing.
 *
 * `told`: where it is not the start of the process but a look after a failed write, the highest number that
 * anybody was told of.
 */
export async function auditAtBoot(
  kv: Kv,
  mark: (Mark & { damaged: boolean }) | undefined,
  told = Number.POSITIVE_INFINITY,
): Promise<BootAudit> {
  const findings = new Findings()
  const damagedKeys: string[] = []
  const onDamage = (key: string | undefined) => {
    findings.damaged(key)
    if (key !== undefined) damagedKeys.push(key)
  }
  const meta = await readOne<StoreMeta>(kv, keyOf.meta, onDamage)
  const group = await readOne<LastGroup>(kv, keyOf.group, onDamage)
  const held = await readHeld(kv, onDamage)
  const settled = await SettledRuns.read(kv, onDamage)
  const unreceipted = await readUnreceipted(kv, onDamage)

  const isOurs = meta === undefined || mark?.bootEpoch === meta.bootEpoch
  const ownMark = mark && isOurs ? { ...mark, sequence: Math.min(mark.sequence, told) } : undefined
  const highestKept = held.reduce((highest, { sequence }) => Math.max(highest, sequence), settled.highest)
  const isCutOff = ownMark !== undefined && commitWasCutOff({ mark: ownMark, group, highestKept })
  const highest = Math.max(highestKept, (isCutOff ? ownMark.confirmed : ownMark?.sequence) ?? 0)
  for (let sequence = highest + 1; isCutOff && sequence <= ownMark.sequence; sequence++)
    findings.add({ kind: 'last-commit-unconfirmed', sequence })
  judgeMark({ mark: ownMark, isNew: meta === undefined && highestKept === 0, group, highestKept }, findings)
  held.push(...onlyNamedByDamage(held, damagedKeys, highest))
  const countOf = new Map<number, number>()
  for (const { sequence } of held) countOf.set(sequence, (countOf.get(sequence) ?? 0) + 1)
  const isAlone = ({ sequence }: Held) => countOf.get(sequence) === 1 && !settled.has(sequence)
  const queue = held.map(entry => toQueue(entry, isAlone(entry), findings))
  findMissing({ highest, held, settled, unreceipted }, findings)
  return {
    bootEpoch: meta?.bootEpoch ?? mark?.bootEpoch,
    hasMeta: meta !== undefined,
    highest,
    settledThrough: settled.through,
    queue: queue.map(({ entry }) => entry),
    newlyAside: queue.filter(({ isNew }) => isNew).map(({ entry }) => entry),
    findings: findings.kept,
    findingsTotal: findings.total,
    markStale:
      ownMark === undefined || ownMark.damaged || mark?.sequence !== highest || ownMark.confirmed !== highest,
  }
}

class Findings {
  readonly kept: AuditFinding[] = []
  total = 0

  add(finding: AuditFinding): void {
    this.total++
    if (this.kept.length < FINDINGS_MAX) this.kept.push(finding)
  }

  /** `key` undefined: a stretch of the database that nothing is known of. */
  damaged(key: string | undefined): void {
    this.add({ kind: 'value-corrupt', ...(key === undefined ? {} : whatKeyTells(key)) })
  }

  speakOf({ sequence, id }: Held): boolean {
    return this.kept.some(finding => finding.id === id && finding.sequence === sequence)
  }
}

function whatKeyTells(key: string): { sequence?: number; id?: string } {
  const sequence = parseSettledKey(key)
  if (sequence !== undefined) return { sequence }
  const id = lastPart(key)
  return parseEntryKey(key) ?? (key.startsWith('record/') && id.length === 36 ? { id } : {})
}

async function readOne<T>(
  kv: Kv,
  key: string,
  onCorrupt: (key: string | undefined) => void,
): Promise<T | undefined> {
  for await (const { value } of kv.range({ from: key, to: `${key}\u0000`, onCorrupt }))
    return decodeValue<T>(key, value)
  return undefined
}

/** Records whose submission must still be here: sequence → id. */
async function readUnreceipted(
  kv: Kv,
  onCorrupt: (key: string | undefined) => void,
): Promise<ReadonlyMap<number, string>> {
  const unreceipted = new Map<number, string>()
  for await (const { key, value } of kv.range({ ...under('record/'), onCorrupt })) {
    const { record, withdrawn } = decodeValue<StoredRecord>(key, value)
    const gone = record.supersededBy !== undefined || withdrawn === true
    if (record.status === 'SENT_FOR_ENROLLMENT' && !gone) unreceipted.set(record.sequence, record.id)
  }
  return unreceipted
}

/**
 * Database and mark are written at the same time, so a cut may leave the mark one commit ahead: everything
 * before that commit is here, and nothing of it.
 */
function commitWasCutOff({
  mark,
  group,
  highestKept,
}: {
  mark: Mark
  group: LastGroup | undefined
  highestKept: number
}): boolean {
  const isWritten = group !== undefined && group.first > mark.confirmed
  return highestKept === mark.confirmed && mark.sequence > highestKept && !isWritten
}

/**
 * Or it leaves the mark one commit behind; `meta/group` says where that commit began. Further behind, it is
 * not the mark that we wrote last.
 */
function judgeMark(
  state: {
    mark: (Mark & { damaged: boolean }) | undefined
    isNew: boolean
    group: LastGroup | undefined
    highestKept: number
  },
  findings: Findings,
): void {
  const { mark, isNew, group, highestKept } = state
  if (mark === undefined) {
    if (!isNew) findings.add({ kind: 'high-water-mark-missing' })
    return
  }
  const cutOff = group !== undefined && mark.sequence >= group.first - 1
  if (mark.damaged || (mark.sequence < highestKept && !cutOff))
    findings.add({ kind: 'high-water-mark-behind', sequence: mark.sequence })
}

/**
 * Submissions of which only damaged entries speak. A flipped bit may be in the key itself: then it
 * names a number that another submission has, or one that was never given out.
 */
function onlyNamedByDamage(held: readonly Held[], damagedKeys: readonly string[], highest: number): Held[] {
  const known = new Set(held.map(({ sequence }) => sequence))
  const named: Held[] = []
  for (const key of damagedKeys) {
    const name = parseEntryKey(key)
    if (name === undefined || name.sequence > highest || known.has(name.sequence)) continue
    known.add(name.sequence)
    named.push(name)
  }
  return named
}

/**
 * Whole and alone under its number: it waits, or is set aside as it was. Anything else is set aside
 * now, with what is known of it, and a finding where the damage itself has not made one.
 */
function toQueue(entry: Held, alone: boolean, findings: Findings): { entry: QueueEntry; isNew: boolean } {
  const whole = entry.bodyBytes !== undefined && entry.meta !== undefined
  const damaged = !whole || !alone
  // Also where it was set aside for this before: a finding does not heal by being seen.
  if (damaged && !findings.speakOf(entry))
    findings.add({ kind: 'value-corrupt', sequence: entry.sequence, id: entry.id })
  const reason = entry.aside?.reason ?? (damaged ? DAMAGED : undefined)
  return { entry: toQueueEntry(entry, reason), isNew: damaged && entry.aside === undefined }
}

function findMissing(
  known: {
    highest: number
    held: readonly Held[]
    settled: SettledRuns
    unreceipted: ReadonlyMap<number, string>
  },
  findings: Findings,
): void {
  const idsOf = new Map<number, string[]>()
  for (const { sequence, id } of known.held) idsOf.set(sequence, [...(idsOf.get(sequence) ?? []), id])
  for (let sequence = 1; sequence <= known.highest; sequence++) {
    if (idsOf.has(sequence) || known.settled.has(sequence)) continue
    const id = known.unreceipted.get(sequence)
    findings.add({ kind: 'sequence-missing', sequence, ...(id === undefined ? {} : { id }) })
  }
  for (const [sequence, id] of known.unreceipted) {
    const missing = !idsOf.has(sequence) && !known.settled.has(sequence)
    if (!missing && !idsOf.get(sequence)?.includes(id))
      findings.add({ kind: 'record-without-submission', sequence, id })
  }
}
