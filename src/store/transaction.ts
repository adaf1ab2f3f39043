import { strict as assert } from 'node:assert'
import { KioskError } from '../base/errors.ts'
import type { Change, Kv } from '../kv/kv.ts'
import type { AuditEntry } from './audit-log.ts'
import { decodeValue, encodeValue } from './layout.ts'

const GROUP_WORKS_MAX = 64
const GROUP_BYTES_MAX = 4 * 1024 * 1024
const WAITING_WORKS_MAX = 10_000

/** What every piece of work may count on and change, beside what is in the database. */
export interface Tally {
  /** The highest sequence number given out. */
  readonly highest: number
  /** Submissions held, waiting or set aside, and the bytes of their bodies. */
  readonly entries: number
  readonly bytes: number
}

/** Changes that are gathered for one commit, and that reads already see. */
export class Transaction {
  private readonly changes = new Map<string, Uint8Array | undefined>()
  private readonly effects: (() => void)[] = []
  /** What the audit log will say of it. */
  readonly audit: AuditEntry[] = []
  /** Given out to events by this group. */
  readonly eventNumbers: number[] = []
  private bytes = 0

  constructor(
    private readonly below: Read,
    public tally: Tally,
    /** On top of which it is. */
    private readonly base?: Transaction,
  ) {}

  async get<T>(key: string): Promise<T | undefined> {
    const bytes = await this.getBytes(key)
    return bytes && decodeValue<T>(key, bytes)
  }

  /** As `get`, where damage must not stop the work: the audit and the report are somebody else's. */
  async tryGet<T>(key: string): Promise<{ value?: T; damaged: boolean }> {
    try {
      return { value: await this.get<T>(key), damaged: false }
    } catch (error) {
      if (error instanceof KioskError && error.code === 'kv/corrupt') return { damaged: true }
      throw error
    }
  }

  async getBytes(key: string): Promise<Uint8Array | undefined> {
    return this.changes.has(key) ? this.changes.get(key) : await this.below(key)
  }

  /** What was put under keys that begin so: a walk through the database does not see it yet. */
  putUnder(prefix: string): string[] {
    const own = [...this.changes].filter(([key, value]) => value !== undefined && key.startsWith(prefix))
    return [...(this.base?.putUnder(prefix) ?? []), ...own.map(([key]) => key)]
  }

  put(key: string, value: unknown): void {
    this.putBytes(key, encodeValue(value))
  }

  putBytes(key: string, value: Uint8Array): void {
    this.changes.set(key, value)
    this.bytes += key.length + value.length
  }

  delete(key: string): void {
    this.changes.set(key, undefined)
  }

  /** What becomes true in memory once the changes are on the disk. */
  afterwards(effect: () => void): void {
    this.effects.push(effect)
  }

  /** Another one on top of this; `keep` makes what it gathered part of this one. */
  nested(): Transaction {
    const above = new Transaction(key => this.getBytes(key), this.tally, this)
    above.eventNumbers.push(...this.eventNumbers)
    return above
  }

  keep(above: Transaction): void {
    for (const [key, value] of above.changes) this.changes.set(key, value)
    this.effects.push(...above.effects)
    this.audit.push(...above.audit)
    this.eventNumbers.splice(0, Number.POSITIVE_INFINITY, ...above.eventNumbers)
    this.bytes += above.bytes
    this.tally = above.tally
  }

  get isFull(): boolean {
    return this.bytes > GROUP_BYTES_MAX
  }

  get isEmpty(): boolean {
    return this.changes.size === 0 && this.audit.length === 0
  }

  async writeTo(kv: Kv): Promise<void> {
    const changes: Change[] = []
    for (const [key, value] of this.changes)
      changes.push(value === undefined ? { delete: key } : { put: key, value })
    await kv.write(changes)
  }

  applyEffects(): void {
    for (const effect of this.effects) effect()
  }
}

type Read = (key: string) => Promise<Uint8Array | undefined>

interface WaitingWork {
  readonly reads: readonly string[]
  readonly work: (transaction: Transaction) => Promise<unknown>
  resolve(result: never): void
  reject(error: unknown): void
}

/**
 * Runs pieces of work one after the other, and commits those that waited together in one go.
 *
 * Always true:
 * - A piece of work sees everything before it and nothing beside it: no two run at once.
 * - One that throws leaves no change; the others of its group are not touched.
 * - A piece of work resolves after its group's commit, and rejects if that failed.
 */
export class Writer {
  private waiting: WaitingWork[] = []
  private running: Promise<void> | undefined

  constructor(
    private readonly begin: () => Promise<{ read: Read; tally: Tally }>,
    private readonly commit: (transaction: Transaction) => Promise<void>,
  ) {}

  /** `reads`: keys that the work will ask for. They are read at once for all that wait together. */
  run<T>(work: (transaction: Transaction) => Promise<T>, reads: readonly string[] = []): Promise<T> {
    if (this.waiting.length >= WAITING_WORKS_MAX)
      return Promise.reject(new KioskError('kv/busy', { waiting: this.waiting.length }))
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ reads, work, resolve, reject })
      this.running ??= this.runAll()
    })
  }

  async idle(): Promise<void> {
    await this.running
  }

  private async runAll(): Promise<void> {
    // Everything that is called in this turn of the event loop goes into the first group.
    await Promise.resolve()
    while (this.waiting.length > 0) await this.runGroup()
    // In the same turn as the check: a call between the two would wait for nobody.
    this.running = undefined
  }

  /** Nothing is committed while a group runs, so what was read for it stays true. */
  private readAhead(read: Read): Read {
    const started = new Map<string, Promise<Uint8Array | undefined>>()
    for (const { reads } of this.waiting.slice(0, GROUP_WORKS_MAX))
      for (const key of reads) {
        if (started.has(key)) continue
        const reading = read(key)
        // Whoever asks for it learns of the failure; perhaps nobody does.
        reading.catch(() => {})
        started.set(key, reading)
      }
    return key => started.get(key) ?? read(key)
  }

  private async runGroup(): Promise<void> {
    const done: (() => void)[] = []
    const group: WaitingWork[] = []
    try {
      const { read, tally } = await this.begin()
      const transaction = new Transaction(this.readAhead(read), tally)
      while (this.waiting.length > 0 && group.length < GROUP_WORKS_MAX && !transaction.isFull) {
        const next = this.waiting.shift()
        assert(next)
        const own = transaction.nested()
        try {
          const result = await next.work(own)
          transaction.keep(own)
          group.push(next)
          done.push(() => next.resolve(result as never))
        } catch (error) {
          next.reject(error)
        }
      }
      await this.commit(transaction)
      for (const resolve of done) resolve()
    } catch (error) {
      // Without a beginning nothing was taken: then the first in line learns of it, and the next tries again.
      if (group.length === 0) group.push(...this.waiting.splice(0, 1))
      for (const { reject } of group) reject(error)
    }
  }
}
