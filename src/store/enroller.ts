import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { packTemplate } from '../finger/template/at-rest.ts'
import type { KioskRecord } from '../record/record.ts'
import type { Core } from './core.ts'
import { type EntryMeta, keyOf, type StoredRecord } from './layout.ts'
import type { Enrolment } from './ports.ts'
import { newRecord } from './records.ts'
import { eraseTemplates } from './retention.ts'
import type { Room } from './room.ts'
import type { Tally, Transaction } from './transaction.ts'

/** Brings an enrolment into the store: its record, its sealed submission, its templates, all in one transaction. */
export class Enroller {
  constructor(
    private readonly core: Core,
    private readonly room: Room,
  ) {}

  /** `nikKey`: where the ids of this NIK's records stand. */
  async enrol(transaction: Transaction, enrolment: Enrolment, nikKey: string): Promise<KioskRecord> {
    const { id } = enrolment
    // Asked again after a failed write that did reach the disk.
    const same = await transaction.get<StoredRecord>(keyOf.record(id))
    if (same) return same.record

    const { value: ids = [] } = await transaction.tryGet<string[]>(nikKey)
    const previous = await this.previousOf(transaction, ids.at(-1))
    const freeBytes = await this.room.freeBytes()
    const held = loadWithout(transaction.tally, previous)
    this.room.mustHave(0, held, freeBytes)

    const sequence = previous?.replaceable ? previous.stored.record.sequence : transaction.tally.highest + 1
    const supersedes = previous?.replaceable ? previous.stored.record.supersedes : ids.at(-1)
    const numbers = { sequence, bootEpoch: this.core.bootEpoch, ...(supersedes && { supersedes }) }
    const { body, sha256 } = await enrolment.seal(numbers)
    assert.equal(createHash('sha256').update(body).digest('hex'), sha256)
    this.room.mustHave(body.length, held, freeBytes)

    const nowMs = this.core.parts.clock.nowMs()
    const at = new Date(nowMs).toISOString()
    const record = newRecord({
      id,
      nik: enrolment.nik,
      sequence,
      sha256,
      capturedAt: enrolment.capturedAt,
      durableAt: at,
      fingersCaptured: enrolment.fingers.length,
      fingersForced: enrolment.fingersForced,
      ...(supersedes && { supersedes }),
    })
    if (previous) this.supersede(transaction, previous, id, at)
    this.append(transaction, record, body, nowMs)
    this.core.putRecord(transaction, { record })
    transaction.put(nikKey, [...ids, id])
    for (const { position, template } of enrolment.fingers) {
      const packed = packTemplate(template)
      transaction.putBytes(keyOf.gallery(id, position), packed)
      transaction.afterwards(() => packed.fill(0))
    }
    transaction.audit.push({ at, who: 'kiosk', what: 'enrolled', id })
    const capacity = this.room.with(transaction.tally, freeBytes)
    transaction.afterwards(() => this.room.warn(capacity))
    return record
  }

  private async previousOf(transaction: Transaction, id: string | undefined): Promise<Previous | undefined> {
    if (id === undefined) return undefined
    const { value: stored } = await transaction.tryGet<StoredRecord>(keyOf.record(id))
    if (!stored) return undefined
    const { value: meta } = await transaction.tryGet<EntryMeta>(keyOf.entry(stored.record.sequence, id))
    return { stored, replaceable: meta !== undefined && !meta.published, bytes: meta?.bytes ?? 0 }
  }

  private supersede(transaction: Transaction, previous: Previous, id: string, at: string): void {
    const { stored, replaceable, bytes } = previous
    const { sequence } = stored.record
    this.core.putRecord(transaction, { ...stored, record: { ...stored.record, supersededBy: id } })
    if (!replaceable) return
    const old = stored.record.id
    for (const key of [keyOf.body(sequence, old), keyOf.entry(sequence, old), keyOf.aside(sequence, old)])
      transaction.delete(key)
    eraseTemplates(transaction, old)
    transaction.audit.push({ at, who: 'kiosk', what: 'replaced', id: old })
    const { tally } = transaction
    transaction.tally = { ...tally, entries: tally.entries - 1, bytes: tally.bytes - bytes }
    transaction.afterwards(() => this.core.queue.remove(old))
  }

  private append(
    transaction: Transaction,
    record: KioskRecord,
    body: Uint8Array,
    appendedAtMs: number,
  ): void {
    const { sequence, id, sha256 } = record
    const meta: EntryMeta = { sha256, bytes: body.length, appendedAtMs, published: false }
    transaction.putBytes(keyOf.body(sequence, id), body)
    transaction.put(keyOf.entry(sequence, id), meta)
    const { tally } = transaction
    transaction.tally = {
      ...tally,
      highest: Math.max(tally.highest, sequence),
      entries: tally.entries + 1,
      bytes: tally.bytes + body.length,
    }
    transaction.afterwards(() => this.core.queue.put({ sequence, id, ...meta }))
  }
}

interface Previous {
  readonly stored: StoredRecord
  /** Its submission waits and was never published. */
  readonly replaceable: boolean
  readonly bytes: number
}

/** What is held once the submission that is replaced is gone. */
function loadWithout({ entries, bytes }: Tally, previous: Previous | undefined) {
  return previous?.replaceable ? { entries: entries - 1, bytes: bytes - previous.bytes } : { entries, bytes }
}
