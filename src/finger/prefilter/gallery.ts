/**
 * A set of templates that can be searched by one: who is this? Every template has its own id.
 *
 * Few templates are all compared. Of many, `GalleryIndex` first names those that are worth a comparison: fast, at
 * the price that a few mates in a hundred are not among them (docs/ENGINE.md says how many). Fingers of one person
 * searched together make up for that: `searchFused`.
 */
import { type Prepared, prepare, scoreOf } from '../compare/compare.ts'
import type { Candidate, SearchOptions, SearchResult } from '../engine.ts'
import type { Template } from '../template/template.ts'
import { compact, expand } from './compact.ts'
import { best } from './finger-index.ts'
import { GalleryIndex } from './gallery-index.ts'
import { type FingerOf, People } from './people.ts'

const LIMIT_DEFAULT = 10
/** Up to so many templates, each is compared. */
export const EXHAUSTIVE_MAX = 2000
/** Of more, so many are; and of people whose fingers are searched together, so many. */
const COMPARED_MAX = 80
const PEOPLE_COMPARED_MAX = 25
/** Likenesses beyond this are no surer, and one finger shall not outweigh the others. */
const RESEMBLANCE_MAX = 6

export interface FusedCandidate {
  readonly person: string
  /** The sum of the fingers' scores. */
  readonly score: number
}

interface Entry {
  readonly slot: number
  readonly of?: FingerOf
  readonly packed: Uint8Array
  /** While there are few: ready for comparisons, to the last bit, and ten times as large. */
  prepared?: Prepared
}

export class Gallery {
  private readonly entries = new Map<string, Entry>()
  private readonly ids: string[] = []
  private readonly people = new People()
  private readonly index = new GalleryIndex()

  get size(): number {
    return this.entries.size
  }

  /** Memory that its templates take. */
  get bytes(): number {
    let bytes = this.index.bytes
    for (const { packed, prepared } of this.entries.values())
      bytes += packed.length + (prepared?.bytes.length ?? 0)
    return bytes
  }

  /** Takes the place of an earlier template of this id. */
  add(id: string, template: Template, of?: FingerOf): void {
    this.remove(id)
    const slot = this.index.add(template)
    const prepared = this.size < EXHAUSTIVE_MAX ? prepare(template) : undefined
    this.entries.set(id, { slot, of, packed: compact(template), prepared })
    this.ids[slot] = id
    if (of !== undefined) this.people.add(of, slot)
    if (this.size === EXHAUSTIVE_MAX + 1)
      for (const entry of this.entries.values()) entry.prepared = undefined
  }

  /** Whether the id was there. */
  remove(id: string): boolean {
    const entry = this.entries.get(id)
    if (entry === undefined) return false
    this.index.remove(entry.slot)
    if (entry.of !== undefined) this.people.remove(entry.of)
    return this.entries.delete(id)
  }

  /**
   * The candidates that score best against the probe: at most `limit` (10) of `scoreMin` (0) and more,
   * best first, equal scores by id.
   */
  search(probe: Template, { limit = LIMIT_DEFAULT, scoreMin = 0 }: SearchOptions = {}): SearchResult {
    const prepared = prepare(probe)
    const candidates: Candidate[] = []
    const compared = this.worthComparing(probe)
    for (const id of compared) {
      const score = scoreOf(prepared, this.prepared(id))
      if (score >= scoreMin) candidates.push({ id, score })
    }
    candidates.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    return { candidates: candidates.slice(0, limit), compared: compared.length }
  }

  /**
   * The people whose fingers score best against the probes, finger by finger (`position` → template), best first.
   * Of all that `add` was told whose they are.
   */
  searchFused(probes: ReadonlyMap<number, Template>, { limit = LIMIT_DEFAULT } = {}): FusedCandidate[] {
    const prepared = new Map([...probes].map(([position, probe]) => [position, prepare(probe)]))
    const candidates = this.peopleWorthComparing(probes, PEOPLE_COMPARED_MAX).map(person => {
      let score = 0
      for (const [position, probe] of prepared) {
        const slot = this.people.slotOf({ person, position })
        if (slot !== undefined) score += scoreOf(probe, this.prepared(this.ids[slot]))
      }
      return { person, score }
    })
    return candidates.sort((a, b) => b.score - a.score || (a.person < b.person ? -1 : 1)).slice(0, limit)
  }

  /** At most `count` people whose fingers together resemble the probes most, best first. */
  peopleWorthComparing(probes: ReadonlyMap<number, Template>, count: number): string[] {
    const sums = new Float32Array(this.people.count).fill(Number.NEGATIVE_INFINITY)
    for (const [position, probe] of probes) {
      const resemblance = this.index.resemblance(probe)
      this.people.forEachFinger(position, (person, slot) => {
        const value = Math.min(resemblance[slot], RESEMBLANCE_MAX)
        sums[person] = sums[person] === Number.NEGATIVE_INFINITY ? value : sums[person] + value
      })
    }
    return best(sums, count).map(index => this.people.nameOf(index))
  }

  private worthComparing(probe: Template): string[] {
    if (this.size <= EXHAUSTIVE_MAX) return [...this.entries.keys()]
    return this.index.shortlist(probe, COMPARED_MAX).map(slot => this.ids[slot])
  }

  private prepared(id: string): Prepared {
    const entry = this.entries.get(id)!
    if (entry.prepared !== undefined) return entry.prepared
    const prepared = prepare(expand(entry.packed))
    if (this.size <= EXHAUSTIVE_MAX) entry.prepared = prepared
    return prepared
  }
}
