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
import { FingerIndex, NOBODY } from './finger-index.ts'
import {
  EXHAUSTIVE_MAX,
  FORMS,
  type Found,
  type FoundPerson,
  type GalleryMemories,
  GallerySearch,
  LIMIT_DEFAULT,
} from './gallery-search.ts'
import { type FingerOf, People } from './people.ts'

export { EXHAUSTIVE_MAX } from './gallery-search.ts'

export interface FusedCandidate {
  readonly person: string
  /** The sum of the fingers' scores. */
  readonly score: number
}

interface Entry {
  readonly slot: number
  /** While there are few: ready for comparisons, to the last bit. */
  prepared?: Prepared
}

export class Gallery {
  private readonly entries = new Map<string, Entry>()
  private readonly ids: string[] = []
  private readonly people = new People()
  private readonly halves: (FingerIndex | undefined)[] = [undefined, undefined]
  private readonly index = new GallerySearch()

  get size(): number {
    return this.entries.size
  }

  /** Memory that its templates take. */
  get bytes(): number {
    let bytes = 0
    for (const half of this.halves) bytes += half?.memory.bytes ?? 0
    for (const { prepared } of this.entries.values()) bytes += prepared?.bytes.length ?? 0
    return bytes
  }

  /** What another thread needs for a search in it: see `GallerySearch.open`. */
  get memories(): GalleryMemories {
    return [this.halves[0]?.memory.memory, this.halves[1]?.memory.memory]
  }

  /** Takes the place of an earlier template of this id. */
  add(id: string, template: Template, of?: FingerOf): void {
    this.remove(id)
    const half = template.orientation === undefined ? 1 : 0
    const owner = of && { person: this.people.numberOf(of.person), position: of.position }
    const slot = 2 * this.half(half).add(template, owner ?? NOBODY) + half
    const prepared = this.size < EXHAUSTIVE_MAX ? prepare(template) : undefined
    this.entries.set(id, { slot, prepared })
    this.ids[slot] = id
    if (this.size === EXHAUSTIVE_MAX + 1)
      for (const entry of this.entries.values()) entry.prepared = undefined
  }

  /** Whether the id was there. */
  remove(id: string): boolean {
    const entry = this.entries.get(id)
    if (entry === undefined) return false
    this.halves[entry.slot & 1]!.remove(entry.slot >> 1)
    return this.entries.delete(id)
  }

  /**
   * The candidates that score best against the probe: at most `limit` (10) of `scoreMin` (0) and more,
   * best first, equal scores by id.
   */
  search(probe: Template, { limit = LIMIT_DEFAULT, scoreMin = 0 }: SearchOptions = {}): SearchResult {
    if (this.size > EXHAUSTIVE_MAX) {
      const { found, compared } = this.index.search(probe, { limit, scoreMin })
      return { candidates: this.candidatesOf(found), compared }
    }
    const prepared = prepare(probe)
    const candidates: Candidate[] = []
    for (const [id, entry] of this.entries) {
      const other = (entry.prepared ??= this.index.preparedOf(entry.slot))
      const score = other === undefined ? 0 : scoreOf(prepared, other)
      if (score >= scoreMin) candidates.push({ id, score })
    }
    return { candidates: candidates.sort(byScore).slice(0, limit), compared: this.size }
  }

  /**
   * The people whose fingers score best against the probes, finger by finger (`position` → template), best first.
   * Of all that `add` was told whose they are.
   */
  searchFused(
    probes: ReadonlyMap<number, Template>,
    { limit = LIMIT_DEFAULT }: { limit?: number } = {},
  ): FusedCandidate[] {
    return this.peopleOf(this.index.searchPeople(probes, limit))
  }

  /** At most `count` people whose fingers together resemble the probes most, best first. */
  peopleWorthComparing(probes: ReadonlyMap<number, Template>, count: number): string[] {
    return this.index.peopleWorthComparing(probes, count).map(person => this.people.nameOf(person))
  }

  /** Whose the found ones are; none whose slot was given to another since. */
  candidatesOf(found: readonly Found[]): Candidate[] {
    return found
      .filter(({ slot, version }) => this.index.versionOf(slot) === version)
      .map(({ slot, score }) => ({ id: this.ids[slot], score }))
      .sort(byScore)
  }

  peopleOf(found: readonly FoundPerson[]): FusedCandidate[] {
    return found.map(({ person, score }) => ({ person: this.people.nameOf(person), score }))
  }

  private half(half: 0 | 1): FingerIndex {
    const there = this.halves[half]
    if (there !== undefined) return there
    const index = new FingerIndex(FORMS[half])
    this.halves[half] = index
    this.index.attach(half, index.search)
    return index
  }
}

function byScore(a: Candidate, b: Candidate): number {
  return b.score - a.score || (a.id < b.id ? -1 : 1)
}
