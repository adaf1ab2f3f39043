import type { Clock } from '../base/clock.ts'
import type { VisitGallery } from '../enrolment/runner.ts'
import type { SearchOptions, SearchResult } from '../finger/engine.ts'
import { Gallery } from '../finger/prefilter/gallery.ts'
import type { Template } from '../finger/template/template.ts'
import { SearchPool } from '../finger/worker/search-pool.ts'
import { fingerPositions } from '../record/finger-position.ts'
import type { KioskRecord } from '../record/record.ts'
import { GalleryFollower, type GalleryFollowerParts } from '../relay/gallery-follower.ts'
import type { AppliedChange, SentPerson } from '../store/ports.ts'
import type { KioskStore } from '../store/store.ts'

export interface LocalGalleryParts {
  readonly store: KioskStore
  readonly clock: Clock
  /** It is searched on a thread of its own. */
  readonly ownThread?: boolean
}

/**
 * Whom a visit is compared with: who was enrolled here, and whom the ABIS sent. Of somebody who is both, the templates
 * that were taken here, which say more than those that travelled.
 */
export class LocalGallery implements VisitGallery {
  /** Records whose own templates are in it. */
  private readonly own = new Set<string>()
  /** Records of whom something was sent. */
  private readonly sent = new Set<string>()

  private readonly gallery = new Gallery()
  /** Absent: this thread searches. */
  readonly thread: SearchPool | undefined
  private readonly stopListening: () => void

  private constructor(private readonly parts: LocalGalleryParts) {
    this.thread = parts.ownThread ? new SearchPool(this.gallery, 1) : undefined
    this.stopListening = parts.store.onRecord(record => this.recordChanged(record))
  }

  /** Reads all of it from the store. */
  static async open(parts: LocalGalleryParts): Promise<LocalGallery> {
    const local = new LocalGallery(parts)
    for await (const { recordId, position, template } of parts.store.gallery())
      local.add(`${recordId}/${position}`, template)
    await local.reload()
    return local
  }

  /** Takes what the ABIS sends, until it is stopped. */
  async follow(parts: Omit<GalleryFollowerParts, 'sent' | 'clock' | 'memory'>): Promise<GalleryFollower> {
    const { store, clock } = this.parts
    const follower = new GalleryFollower({ ...parts, sent: store.sent, clock, memory: this })
    await follower.start()
    return follower
  }

  async close(): Promise<void> {
    this.stopListening()
    await this.thread?.close()
  }

  /** Of an enrolment here. */
  add(id: string, template: Template): void {
    this.own.add(id.slice(0, id.indexOf('/')))
    this.gallery.add(id, template)
  }

  search(probe: Template, options: SearchOptions): SearchResult | Promise<SearchResult> {
    return (this.thread ?? this.gallery).search(probe, options)
  }

  /** Its time here is over; the ABIS may have sent the same. */
  async forget(id: string): Promise<void> {
    this.own.delete(id)
    this.remove(id)
    const person = await this.parts.store.sent.get(id)
    if (person !== undefined) this.include(person)
  }

  /** Consent was withdrawn: what was sent is gone, too. */
  private recordChanged({ id, reason, sequence, supersededBy }: KioskRecord): void {
    if (supersededBy !== undefined && this.own.has(id)) void this.superseded({ id, sequence }, supersededBy)
    if (reason !== 'consent-withdrawn' || !(this.own.has(id) || this.sent.has(id))) return
    this.own.delete(id)
    this.sent.delete(id)
    this.remove(id)
  }

  /** One that never left gave its number to the record that came in its place, and its templates were erased. */
  private async superseded(record: Pick<KioskRecord, 'id' | 'sequence'>, by: string): Promise<void> {
    // What cannot be read now is not read at the next start either.
    const newer = await this.parts.store.record(by).catch(() => undefined)
    if (newer?.sequence === record.sequence) await this.forget(record.id).catch(() => {})
  }

  async applied({ cleared, removed, added }: AppliedChange): Promise<void> {
    for (const id of cleared ? [...this.sent] : removed) this.exclude(id)
    for (const person of added) {
      this.include(person)
      // A change has hundreds of fingers; somebody may be at the kiosk.
      await this.parts.clock.sleep(0)
    }
  }

  async reload(): Promise<void> {
    for (const id of [...this.sent]) this.exclude(id)
    for await (const person of this.parts.store.sent.all()) this.include(person)
  }

  private include({ id, fingers }: SentPerson): void {
    this.exclude(id)
    this.sent.add(id)
    if (this.own.has(id)) return
    for (const { position, template } of fingers) this.gallery.add(`${id}/${position}`, template)
  }

  private exclude(id: string): void {
    if (this.sent.delete(id) && !this.own.has(id)) this.remove(id)
  }

  private remove(id: string): void {
    for (const position of fingerPositions) this.gallery.remove(`${id}/${position}`)
  }
}
