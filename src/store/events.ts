import { createHash } from 'node:crypto'
import { KioskError } from '../base/errors.ts'
import type { Kv } from '../kv/kv.ts'
import type { Receipt, RecordEvent } from '../record/submission.ts'
import type { Core } from './core.ts'
import { EVENT_PREFIX, keyOf, parseEventKey, TOLD_PREFIX, under } from './layout.ts'
import type { AuditFinding, EventEntry, EventQueue, SealEvent } from './ports.ts'
import type { Receipted } from './receipted.ts'
import type { Transaction } from './transaction.ts'

/**
 * What happened to records here and must reach the ABIS: a card was printed, consent was withdrawn. An
 * event is written in the batch of what it tells of, and leaves by the ABIS's receipt alone. There are
 * few; memory holds their hashes, the disk their bytes.
 */
export class Events implements EventQueue {
  constructor(
    private readonly core: Core,
    private readonly receipted: Receipted,
  ) {}

  get count(): number {
    return this.core.events.size
  }

  async peek(limit: number, after = 0): Promise<readonly EventEntry[]> {
    await this.core.fresh()
    const entries: EventEntry[] = []
    for (const [number, { id, sha256 }] of this.core.events) {
      if (entries.length >= limit) break
      if (number <= after || this.core.queue.get(id) !== undefined) continue
      const entry = await this.entry(number, { id, sha256 })
      if (entry) entries.push(entry)
    }
    return entries
  }

  async *all(): AsyncIterable<EventEntry> {
    await this.core.fresh()
    for (const [number, event] of [...this.core.events]) {
      const entry = await this.entry(number, event)
      if (entry) yield entry
    }
  }

  /** `transaction`: of what it tells of. */
  async add(transaction: Transaction, seal: SealEvent, event: RecordEvent): Promise<void> {
    const { body, sha256 } = await seal(event)
    this.core.addEvent(transaction, { id: event.id, body, sha256 })
  }

  /** Whether the receipt is one for an event; then it is forgotten. */
  async settle(transaction: Transaction, { id, sha256 }: Receipt): Promise<boolean> {
    for (const [number, event] of this.core.events) {
      if (event.id !== id || event.sha256 !== sha256) continue
      // Undefined: another receipt of this commit was the first.
      const body = await this.read(number, id, key => transaction.getBytes(key))
      if (body) await this.receipted.keep(transaction, TOLD_PREFIX, { number, id, body })
      transaction.delete(keyOf.event(number, id))
      transaction.afterwards(() => this.core.events.delete(number))
      return true
    }
    return false
  }

  private async entry(
    number: number,
    { id, sha256 }: { readonly id: string; readonly sha256: string },
  ): Promise<EventEntry | undefined> {
    const body = await this.read(number, id)
    return body && sha256Of(body) === sha256 ? { number, id, sha256, body } : undefined
  }

  private async read(
    number: number,
    id: string,
    get = (key: string) => this.core.parts.kv.get(key),
  ): Promise<Uint8Array | undefined> {
    try {
      return await get(keyOf.event(number, id))
    } catch (error) {
      if (!(error instanceof KioskError) || error.code !== 'kv/corrupt') throw error
      this.core.report({ kind: 'value-corrupt', id })
      return undefined
    }
  }
}

/** Those that wait, in their order; what is damaged is told, and its bytes stay. */
export async function readEvents(
  kv: Kv,
  onFinding: (finding: AuditFinding) => void,
): Promise<Map<number, { id: string; sha256: string }>> {
  const events = new Map<number, { id: string; sha256: string }>()
  const onCorrupt = (key: string | undefined) => {
    const id = key && parseEventKey(key)?.id
    onFinding({ kind: 'value-corrupt', ...(id && { id }) })
  }
  for await (const { key, value } of kv.range({ ...under(EVENT_PREFIX), onCorrupt })) {
    const name = parseEventKey(key)
    if (name) events.set(name.number, { id: name.id, sha256: sha256Of(value) })
  }
  return events
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
