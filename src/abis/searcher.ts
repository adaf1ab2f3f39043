import { KioskError } from '../base/errors.ts'
import type { SearchResult } from '../finger/engine.ts'
import { EXHAUSTIVE_MAX, Gallery } from '../finger/prefilter/gallery.ts'
import { readInterchange } from '../finger/template/interchange.ts'
import type { Template } from '../finger/template/template.ts'
import { SearchPool } from '../finger/worker/search-pool.ts'
import type { GalleryScope } from '../record/gallery-change.ts'
import { duplicateReason } from '../record/submission.ts'
import { HIT_SCORE_MIN, type Hit, likenessOf, type Verdict, weigh } from './decide.ts'
import type { AbisRecord } from './layout.ts'
import { Regions } from './regions.ts'

/** Candidates looked at for each finger; more than the fingers of two people. */
const CANDIDATES_MAX = 24

type Finger = { position: number; template: Template }

/** Of a person in the gallery, what a verdict needs to know. */
interface Person {
  readonly nik: string
  readonly positions: readonly number[]
}

/**
 * The 1:N search over everybody (penunggalan). Holds the gallery in memory: templates of every record
 * that is print-ready, waits for a person's decision, or failed; those of a duplicate are the first record's
 * again, and would only answer for it.
 */
export class Searcher {
  private readonly gallery = new Gallery()
  private readonly pool: SearchPool | undefined
  private readonly people = new Map<string, Person>()
  private readonly idsOfNik = new Map<string, Set<string>>()
  private readonly regions = new Regions()

  /** `threads`: so many others search, once there is much to search; 0: this one does. */
  constructor(threads: number) {
    this.pool = threads > 0 ? new SearchPool(this.gallery, threads) : undefined
  }

  /** Ends its threads. A search under way rejects with `finger/engine-stopped`. */
  async close(): Promise<void> {
    await this.pool?.close()
  }

  /** Puts a decided record into the gallery, or takes it out, as its outcome says. */
  take(record: AbisRecord): void {
    const { outcome, supersedes, supersededBy, withdrawnAt } = record
    if (outcome === undefined || supersededBy !== undefined || withdrawnAt !== undefined) return
    // Nobody gets another's fingers out of the gallery by saying that theirs replace them.
    const holds = outcome.status === 'PRINT_READY_RECORD'
    if (supersedes !== undefined && holds && this.people.get(supersedes)?.nik === record.nik)
      this.forget(supersedes)
    if (outcome.status === 'DUPLICATE_RECORD' || this.people.has(record.id)) return
    const { fingers } = readFingers(record)
    for (const { position, template } of fingers) this.gallery.add(`${record.id}/${position}`, template)
    this.people.set(record.id, { nik: record.nik, positions: fingers.map(({ position }) => position) })
    const ids = this.idsOfNik.get(record.nik) ?? new Set()
    this.idsOfNik.set(record.nik, ids.add(record.id))
    this.regions.add(record.id, record.nik)
  }

  forget(id: string): void {
    const person = this.people.get(id)
    if (person === undefined) return
    for (const position of person.positions) this.gallery.remove(`${id}/${position}`)
    this.people.delete(id)
    this.idsOfNik.get(person.nik)?.delete(id)
    this.regions.remove(id, person.nik)
  }

  /** Ids of the records in it whose NIKs are in each of the scopes. */
  within(scopes: readonly GalleryScope[]): Iterable<string> {
    return this.regions.within(scopes)
  }

  /** Which fingers of a record it compares with. */
  positionsOf(id: string): readonly number[] {
    return this.people.get(id)?.positions ?? []
  }

  /** How many fingers the gallery holds. */
  get fingers(): number {
    return this.gallery.size
  }

  /** How many pairs of fingers a search for this record stands for. */
  comparisonsFor({ fingers }: AbisRecord): number {
    return fingers.filter(finger => 'template' in finger).length * this.gallery.size
  }

  /**
   * Others first: who is already here under another number is a duplicate, whatever is known under
   * this one. An earlier record under the same number must have the same fingers, or a person looks.
   * `pause` is awaited before each finger where a search occupies this thread: others have their turn.
   */
  async search(record: AbisRecord, pause: () => Promise<void>): Promise<Verdict> {
    const { fingers, unreadable } = readFingers(record)
    if (unreadable !== undefined)
      return { status: 'ENROLL_FAILURE_AT_CENTRAL', reason: `template-unreadable:${unreadable}` }
    // Nobody without usable fingers is turned away, but nobody can be told apart by them either.
    if (fingers.length === 0) return { status: 'ADJUDICATE_RECORD', reason: 'no-fingers' }
    const hits = await this.hits(fingers, pause)
    const evidence = weigh(hits)
    const comparisons = fingers.length * this.gallery.size
    const own = this.idsOfNik.get(record.nik) ?? new Set<string>()
    const [rival] = evidence.filter(({ candidate }) => !own.has(candidate))
    const likeness = likenessOf(rival, comparisons)
    if (likeness === 'same') return { status: 'DUPLICATE_RECORD', reason: duplicateReason(rival.candidate) }
    if (likeness === 'unsure') return { status: 'ADJUDICATE_RECORD', reason: `resembles:${rival.candidate}` }
    const [earlier] = own
    if (earlier === undefined) return { status: 'PRINT_READY_RECORD' }
    const [self] = evidence.filter(({ candidate }) => own.has(candidate))
    return likenessOf(self, comparisons) === 'same'
      ? { status: 'PRINT_READY_RECORD', reason: `enrolled-before:${self.candidate}` }
      : { status: 'ADJUDICATE_RECORD', reason: `other-fingers-of-this-nik:${earlier}` }
  }

  private async hits(fingers: readonly Finger[], pause: () => Promise<void>): Promise<Hit[]> {
    const options = { limit: CANDIDATES_MAX, scoreMin: HIT_SCORE_MIN }
    const { pool } = this
    // A small gallery is searched sooner than a thread begins.
    if (pool !== undefined && this.gallery.size > EXHAUSTIVE_MAX)
      return (
        await Promise.all(
          fingers.map(async finger => hitsOf(finger, await pool.search(finger.template, options))),
        )
      ).flat()
    const hits: Hit[] = []
    for (const finger of fingers) {
      await pause()
      hits.push(...hitsOf(finger, this.gallery.search(finger.template, options)))
    }
    return hits
  }
}

function hitsOf({ position }: Finger, { candidates }: SearchResult): Hit[] {
  return candidates.map(({ id, score }) => {
    const slash = id.lastIndexOf('/')
    return {
      position,
      candidate: id.slice(0, slash),
      candidatePosition: Number(id.slice(slash + 1)),
      score,
    }
  })
}

/** The templates of a record; `unreadable`: the first position whose template is damaged. */
function readFingers(record: AbisRecord): { fingers: Finger[]; unreadable?: number } {
  const fingers: Finger[] = []
  for (const finger of record.fingers) {
    if (!('template' in finger)) continue
    try {
      const { views } = readInterchange(Buffer.from(finger.template, 'base64'))
      fingers.push({ position: finger.position, template: views[0].template })
    } catch (error) {
      if (!(error instanceof KioskError)) throw error
      return { fingers, unreadable: finger.position }
    }
  }
  return { fingers }
}
