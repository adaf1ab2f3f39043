import { createHash, randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { v7 } from 'uuid'
import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import type { Template } from '../../src/finger/template/template.ts'
import type { Kv } from '../../src/kv/kv.ts'
import { MemoryDisk, openMemoryKv } from '../../src/kv/memory.ts'
import { type Nik, parseNik } from '../../src/record/nik.ts'
import type { KioskRecord } from '../../src/record/record.ts'
import type { Outcome, Receipt } from '../../src/record/submission.ts'
import type { StoreLimits } from '../../src/store/capacity.ts'
import { type HighWaterMark, type Mark, memoryHighWaterMark } from '../../src/store/high-water-mark.ts'
import type { AuditFinding, Enrolment } from '../../src/store/ports.ts'
import { type KioskStore, openStore, type StoreParts } from '../../src/store/store.ts'
import { ManualClock } from '../support/manual-clock.ts'

export const dataKey = Uint8Array.from({ length: 32 }, (_, index) => index)
export const indexKey = Uint8Array.from({ length: 32 }, (_, index) => 255 - index)
export const limits: StoreLimits = {
  entriesMax: 1000,
  bytesMax: 100_000_000,
  freeBytesMin: 0,
  receiptedBytesMax: 10_000_000,
  ageMsMax: 30 * 24 * 3600_000,
}

/** A made-up person's number; different for different numbers. */
export function nik(person: number): Nik {
  return parseNik(`327312${String(person).padStart(10, '0')}`)
}

/** Minutiae of nobody. */
export function template(seed: number, count = 30): Template {
  const values = (step: number, range: number) =>
    Float32Array.from({ length: count }, (_, index) => ((index + 1) * step * (seed + 7)) % range)
  return {
    count,
    widthPx: 388,
    heightPx: 374,
    xPx: values(37.5, 388),
    yPx: values(53.25, 374),
    directionRad: values(0.7, 6.28),
    kind: Uint8Array.from({ length: count }, (_, index) => 1 + (index % 2)),
    reliability: values(0.13, 1),
  }
}

export interface EnrolmentOptions {
  person?: number
  id?: string
  bodyBytes?: number
  fingers?: number
  /** Sees what the store asked to be sealed. */
  onSeal?: (numbers: { sequence: number; bootEpoch: string; supersedes?: string }) => void
}

let people = 0

/** An enrolment whose sealed body is random text, of the length and alphabet of a compact JWE. */
export function enrolment(options: EnrolmentOptions = {}): Enrolment & { sealed: () => Buffer } {
  const { person = ++people + 1_000_000, id = v7(), bodyBytes = 600, fingers = 2, onSeal } = options
  let sealed = Buffer.alloc(0)
  return {
    id,
    nik: nik(person),
    capturedAt: '2026-01-01T07:00:00.000Z',
    fingers: Array.from({ length: fingers }, (_, index) => ({
      position: (index + 1) as 1,
      template: template(person * 10 + index),
    })),
    fingersForced: 0,
    async seal(numbers) {
      onSeal?.(numbers)
      sealed = Buffer.from(randomBytes(bodyBytes).toString('base64url').slice(0, bodyBytes))
      return { body: sealed, sha256: sha256(sealed) }
    },
    sealed: () => sealed,
  }
}

/** A sealed event: random text as a submission's, so that nothing of it can be compared. */
export async function sealEvent(): Promise<{ body: Uint8Array; sha256: string }> {
  const body = Buffer.from(randomBytes(300).toString('base64url'))
  return { body, sha256: sha256(body) }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export function receiptFor(record: KioskRecord): Receipt {
  return {
    id: record.id,
    sha256: record.sha256,
    receivedAt: '2026-01-02T00:00:00.000Z',
    highestContiguous: 0,
  }
}

export function outcomeFor(record: KioskRecord, change: Partial<Outcome> = {}): Outcome {
  return { id: record.id, status: 'PRINT_READY_RECORD', at: '2026-01-03T00:00:00.000Z', seq: 1, ...change }
}

export interface Fault {
  /** The plug is pulled at this point; 0 is the first. */
  cutAt?: number
  /** The disk refuses this once (done or not), and goes on. */
  refuseAt?: number
  /** Of two writes under way at once the mark's comes to the disk after the database's. */
  markLast?: boolean
}

/**
 * A disk and the plug it hangs on. Every write of database or mark is two points at which the plug may
 * be pulled: just before it, and just after it, unacknowledged. Once it is off nothing reaches the disk.
 */
export class PluggedDisk {
  database = new MemoryDisk()
  mark: { mark?: Mark } = {}
  /** Points passed since the last boot. */
  points = 0
  off = false
  private fault: Fault = {}

  /** Switches on, with a fault to come. */
  boot(fault: Fault = {}): { kv: Kv; highWaterMark: HighWaterMark } {
    this.off = false
    this.points = 0
    this.fault = fault
    const point = () => this.point()
    const kv = openMemoryKv(this.database, { beforeCommit: point, afterCommit: point })
    const mark = memoryHighWaterMark(this.mark)
    const highWaterMark: HighWaterMark = {
      read: () => mark.read(),
      write: async value => {
        if (fault.markLast) await setImmediate()
        this.point()
        await mark.write(value)
        this.point()
      },
      close: () => mark.close(),
    }
    return { kv, highWaterMark }
  }

  /** The plug is pulled once so many more points have been passed. */
  cutAfter(points: number): void {
    this.fault = { ...this.fault, cutAt: this.points + points }
  }

  private point(): void {
    const point = this.points++
    if (point === this.fault.cutAt) this.off = true
    if (this.off || point === this.fault.refuseAt) throw new KioskError('kv/io', { point })
  }
}

/** A store in memory. */
export async function openTestStore(
  disk: PluggedDisk = new PluggedDisk(),
  parts: Partial<StoreParts> & Fault = {},
): Promise<KioskStore> {
  const { cutAt, refuseAt, markLast, ...others } = parts
  return await openStore({
    ...disk.boot({ cutAt, refuseAt, markLast }),
    clock: others.clock ?? (new ManualClock() satisfies Clock),
    dataKey,
    indexKey,
    limits,
    log: silentLog satisfies Log,
    random: bytes => randomBytes(bytes),
    ...others,
  })
}

/** The audit's findings, but for a last commit that was cut off before anybody was told of its numbers. */
export function findingsOf(store: KioskStore, told: Iterable<number>): readonly AuditFinding[] {
  const numbers = new Set(told)
  return store.auditFindings.filter(
    ({ kind, sequence }) => kind !== 'last-commit-unconfirmed' || numbers.has(sequence ?? 0),
  )
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
