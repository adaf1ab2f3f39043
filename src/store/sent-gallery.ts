import { KioskError } from '../base/errors.ts'
import { packTemplate, unpackTemplate } from '../finger/template/at-rest.ts'
import { readInterchange } from '../finger/template/interchange.ts'
import type { Template } from '../finger/template/template.ts'
import type { FingerPosition } from '../record/finger-position.ts'
import { digestAfter, type GalleryChange, type GalleryPerson } from '../record/gallery-change.ts'
import type { Core } from './core.ts'
import { keyOf, lastPart, type SentMeta, type StoredRecord, under } from './layout.ts'
import type { AppliedChange, GalleryFinger, SentPerson, SentTemplates } from './ports.ts'
import type { Room } from './room.ts'
import type { Transaction } from './transaction.ts'

/** Of an erasure, so that an enrolment never waits long behind it. */
const PEOPLE_A_COMMIT = 200
/** Position, and the length of the template. */
const FINGER_HEADER_BYTES = 3

/**
 * The templates that the ABIS sent for the pre-filter, sealed under the data key as everything else.
 *
 * Always true:
 * - What is here is what the digest says, or there is no digest: a change and its digest are one commit.
 * - Without a digest nothing of it is believed; it is erased before anything else is written.
 * - What a change says of somebody who has withdrawn here is counted and not kept.
 */
export class SentGallery implements SentTemplates {
  private changing: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly core: Core,
    private readonly room: Pick<Room, 'capacity'>,
  ) {}

  async state(): Promise<{ readonly digest?: string; readonly fingers: number }> {
    await this.core.fresh()
    return (await this.core.reading().tryGet<SentMeta>(keyOf.sentMeta)).value ?? { fingers: 0 }
  }

  apply(
    change: GalleryChange,
    accepted: { readonly question?: string; readonly fingersMax: number },
  ): Promise<AppliedChange> {
    return this.inOrder(() => this.applyNow(change, accepted))
  }

  clear(): Promise<void> {
    return this.inOrder(() => this.clearNow())
  }

  async *all(): AsyncIterable<SentPerson> {
    const { digest } = await this.state()
    if (digest === undefined) return await this.clear()
    let isDamaged = false
    const damaged = (id?: string) => {
      isDamaged = true
      this.core.report({ kind: 'value-corrupt', ...(id && { id }) })
    }
    const onCorrupt = (key: string | undefined) => damaged(key && lastPart(key))
    for await (const { key, value } of this.core.parts.kv.range({ ...under('sent/'), onCorrupt })) {
      const fingers = unpackFingers(value)
      if (fingers === undefined) damaged(lastPart(key))
      else yield { id: lastPart(key), fingers }
    }
    // It is not what its digest says any more: the ABIS sends it anew.
    if (isDamaged) await this.inOrder(() => this.dropDigest())
  }

  async get(id: string): Promise<SentPerson | undefined> {
    await this.core.fresh()
    const packed = await this.core.parts.kv.get(keyOf.sent(id))
    const fingers = packed && unpackFingers(packed)
    return fingers && { id, fingers }
  }

  /** `transaction`: of the record's withdrawal. */
  async erase(transaction: Transaction, id: string): Promise<void> {
    const meta = (await transaction.tryGet<SentMeta>(keyOf.sentMeta)).value
    if (meta === undefined) return transaction.delete(keyOf.sent(id))
    const fingers = meta.fingers - (await this.remove(transaction, id))
    transaction.put(keyOf.sentMeta, { ...meta, fingers } satisfies SentMeta)
  }

  private async applyNow(
    change: GalleryChange,
    { question, fingersMax }: { readonly question?: string; readonly fingersMax: number },
  ): Promise<AppliedChange> {
    const { previous, digest, remove, add } = change
    if (digestAfter(previous, change) !== digest)
      throw new KioskError('store/other-gallery', { why: 'digest' })
    const before = (await this.state()).digest
    const nothing: AppliedChange = { cleared: false, removed: [], added: [], unreadable: 0 }
    if (digest === before) return nothing
    const isBeginning = previous === question
    if (!isBeginning && previous !== before) throw new KioskError('store/other-gallery', { why: 'previous' })
    if (add.length > 0) await this.mustHaveRoom()
    const read = add.map(readPerson)
    if (isBeginning) await this.clearNow()
    const added = await this.core.run(async transaction => {
      const meta = (await transaction.tryGet<SentMeta>(keyOf.sentMeta)).value
      // A failed write may have been made after all.
      if (meta?.digest !== (isBeginning ? undefined : before))
        throw new KioskError('store/other-gallery', { why: 'previous' })
      let fingers = meta?.fingers ?? 0
      for (const id of remove) fingers -= await this.remove(transaction, id)
      const kept: SentPerson[] = []
      for (const person of read) {
        fingers -= await this.remove(transaction, person.id)
        const own = await transaction.tryGet<StoredRecord>(keyOf.record(person.id))
        if (own.value?.withdrawn || person.fingers.length === 0) continue
        this.put(transaction, person)
        fingers += person.fingers.length
        kept.push(person)
      }
      if (fingers > fingersMax) throw new KioskError('store/full', { limitedBy: 'gallery', fingersMax })
      transaction.put(keyOf.sentMeta, { digest, fingers } satisfies SentMeta)
      return kept
    })
    const count = (people: readonly { readonly fingers: readonly unknown[] }[]) =>
      people.reduce((sum, { fingers }) => sum + fingers.length, 0)
    return { cleared: isBeginning, removed: remove, added, unreadable: count(add) - count(read) }
  }

  /** What is left of the disk is for those who enrol. */
  private async mustHaveRoom(): Promise<void> {
    const { level, limitedBy } = await this.room.capacity()
    if (level === 'full' && limitedBy === 'free-disk') throw new KioskError('store/full', { limitedBy })
  }

  private put(transaction: Transaction, { id, fingers }: SentPerson): void {
    const packed = packFingers(fingers)
    transaction.putBytes(keyOf.sent(id), packed)
    transaction.afterwards(() => packed.fill(0))
  }

  /** How many fingers that are not there any more. */
  private async remove(transaction: Transaction, id: string): Promise<number> {
    const key = keyOf.sent(id)
    const packed = await transaction.getBytes(key).catch(ifDamaged)
    transaction.delete(key)
    return packed === undefined ? 0 : (unpackFingers(packed)?.length ?? 0)
  }

  private async dropDigest(): Promise<void> {
    await this.core.run(async transaction => transaction.delete(keyOf.sentMeta))
  }

  private async clearNow(): Promise<void> {
    await this.core.fresh()
    const keys: string[] = []
    const onCorrupt = (key: string | undefined) => {
      if (key !== undefined) keys.push(key)
    }
    for await (const { key } of this.core.parts.kv.range({ ...under('sent/'), onCorrupt })) keys.push(key)
    if (keys.length > 0 || (await this.state()).digest !== undefined) await this.dropDigest()
    while (keys.length > 0) {
      const some = keys.splice(0, PEOPLE_A_COMMIT)
      await this.core.run(async transaction => {
        for (const key of some) transaction.delete(key)
      })
    }
  }

  /** One change after the other. */
  private inOrder<T>(change: () => Promise<T>): Promise<T> {
    const done = this.changing.then(change, change)
    this.changing = done.catch(() => {})
    return done
  }
}

/** Without the fingers that cannot be read: an ABIS of another make, and none of our business. */
function readPerson({ id, fingers }: GalleryPerson): SentPerson {
  const read: GalleryFinger[] = []
  for (const { position, template } of fingers)
    try {
      const { views } = readInterchange(Buffer.from(template, 'base64'))
      read.push({ position: position as FingerPosition, template: views[0].template })
    } catch (error) {
      if (!(error instanceof KioskError)) throw error
    }
  return { id, fingers: read }
}

function packFingers(fingers: readonly GalleryFinger[]): Uint8Array {
  const parts = fingers.map(({ position, template }) => {
    const packed = packTemplate(template)
    const header = Buffer.alloc(FINGER_HEADER_BYTES)
    header.writeUInt8(position)
    header.writeUInt16LE(packed.length, 1)
    return [header, packed]
  })
  const bytes = Buffer.concat(parts.flat())
  for (const [, packed] of parts) packed.fill(0)
  return bytes
}

/** Undefined: of a format that this version does not know. */
function unpackFingers(bytes: Uint8Array): GalleryFinger[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fingers: { position: FingerPosition; template: Template }[] = []
  let at = 0
  try {
    while (at < bytes.length) {
      const position = view.getUint8(at) as FingerPosition
      const end = at + FINGER_HEADER_BYTES + view.getUint16(at + 1, true)
      const template = unpackTemplate(bytes.subarray(at + FINGER_HEADER_BYTES, end))
      fingers.push({ position, template })
      at = end
    }
    return fingers
  } catch (error) {
    if (error instanceof KioskError || error instanceof RangeError) return undefined
    throw error
  }
}

function ifDamaged(error: unknown): undefined {
  if (!(error instanceof KioskError) || error.code !== 'kv/corrupt') throw error
}
