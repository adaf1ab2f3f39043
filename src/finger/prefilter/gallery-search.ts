/**
 * A search in a gallery that lies in memories of its own: by the thread that fills them, or by another.
 *
 * There are two, since codes of different forms cannot be compared: fingers with an orientation map, and those
 * without. A slot's last bit says in which: even slots are textured.
 */
import { type Prepared, prepare, scoreOf } from '../compare/compare.ts'
import type { SearchOptions } from '../engine.ts'
import type { SharedMemory } from '../kernels/instantiate.ts'
import type { Template } from '../template/template.ts'
import { best } from './best.ts'
import { expand } from './compact.ts'
import { plain, textured } from './encode.ts'
import { BLOCK_FINGERS, FingerMemory } from './finger-memory.ts'
import { FingerSearch } from './finger-search.ts'

export const FORMS = [textured, plain] as const
/** The memories of a gallery by form; undefined while it has no such finger. */
export type GalleryMemories = readonly [SharedMemory | undefined, SharedMemory | undefined]

export const LIMIT_DEFAULT = 10
/** Up to so many fingers, each is compared. */
export const EXHAUSTIVE_MAX = 2000
/** Of more, so many are; and of people whose fingers are searched together, so many. */
const COMPARED_MAX = 80
const PEOPLE_COMPARED_MAX = 25
/** Likenesses beyond this are no surer, and one finger shall not outweigh the others. */
const RESEMBLANCE_MAX = 6

/** What was in a slot at that version of it. */
export interface Found {
  readonly slot: number
  readonly version: number
  readonly score: number
}
export interface FoundPerson {
  readonly person: number
  readonly score: number
}

export class GallerySearch {
  private readonly halves: (FingerSearch | undefined)[] = [undefined, undefined]
  /** While there are few: ready for comparisons. */
  private readonly ready = new Map<number, { readonly version: number; readonly prepared: Prepared }>()

  /** Searches in these memories from now on, as the thread of this number among those that do. */
  open(memories: GalleryMemories, thread: number): void {
    memories.forEach((memory, half) => {
      if (memory !== undefined)
        this.halves[half] ??= new FingerSearch(FORMS[half], new FingerMemory(memory), thread)
    })
  }

  /** The writer's: from now on in this half too. */
  attach(half: number, search: FingerSearch): void {
    this.halves[half] = search
  }

  get size(): number {
    return this.halves.reduce((sum, half) => sum + (half?.memory.size ?? 0), 0)
  }

  versionOf(slot: number): number {
    return this.halves[slot & 1]?.memory.versionOf(slot >> 1) ?? 0
  }

  /** Best first; equal ones by slot. `compared`: how many comparisons it took. */
  search(
    probe: Template,
    { limit = LIMIT_DEFAULT, scoreMin = 0 }: SearchOptions,
  ): { found: Found[]; compared: number } {
    const isExhaustive = this.size <= EXHAUSTIVE_MAX
    if (!isExhaustive) this.ready.clear()
    const prepared = prepare(probe)
    const slots = isExhaustive ? this.allSlots() : this.shortlist(probe, COMPARED_MAX)
    const found: Found[] = []
    for (const slot of slots) {
      const version = this.versionOf(slot)
      const other = isExhaustive ? this.readyOf(slot, version) : this.preparedOf(slot)
      if (other === undefined) continue
      const score = scoreOf(prepared, other)
      if (score >= scoreMin) found.push({ slot, version, score })
    }
    found.sort((a, b) => b.score - a.score || a.slot - b.slot)
    return { found: found.slice(0, limit), compared: slots.length }
  }

  /** The people whose fingers score best against the probes, finger by finger (`position` → template), best first. */
  searchPeople(probes: ReadonlyMap<number, Template>, limit: number): FoundPerson[] {
    const people = new Set(this.peopleWorthComparing(probes, PEOPLE_COMPARED_MAX))
    const sums = new Map([...people].map(person => [person, 0]))
    for (const [position, probe] of probes) {
      const prepared = prepare(probe)
      const scores = new Map<number, number>()
      this.forEachOf(position, (person, slot) => {
        if (!people.has(person)) return
        const other = this.preparedOf(slot)
        if (other !== undefined)
          scores.set(person, Math.max(scores.get(person) ?? 0, scoreOf(prepared, other)))
      })
      for (const [person, score] of scores) sums.set(person, sums.get(person)! + score)
    }
    const found = [...sums].map(([person, score]) => ({ person, score }))
    return found.sort((a, b) => b.score - a.score || a.person - b.person).slice(0, limit)
  }

  /** At most `count` people whose fingers together resemble the probes most, best first. */
  peopleWorthComparing(probes: ReadonlyMap<number, Template>, count: number): number[] {
    const end = Math.max(...this.halves.map(half => half?.memory.people ?? 0))
    const none = Number.NEGATIVE_INFINITY
    const sums = new Float32Array(end).fill(none)
    const ofPosition = new Float32Array(end)
    for (const [position, probe] of probes) {
      const resemblance = this.resemblance(probe, position)
      ofPosition.fill(none)
      this.forEachOf(position, (person, slot) => {
        ofPosition[person] = Math.max(ofPosition[person], Math.min(resemblance[slot], RESEMBLANCE_MAX))
      })
      for (let person = 0; person < end; person++)
        if (ofPosition[person] !== none)
          sums[person] = ofPosition[person] + (sums[person] === none ? 0 : sums[person])
    }
    return best(sums, count)
  }

  /** By slot, as `FingerSearch.resemblance`. */
  resemblance(probe: Template, position?: number): Float32Array {
    const ofHalves = this.halves.map(half => half?.resemblance(probe, position) ?? new Float32Array(0))
    const scores = new Float32Array(2 * Math.max(...ofHalves.map(({ length }) => length)))
    scores.fill(Number.NEGATIVE_INFINITY)
    ofHalves.forEach((ofHalf, half) => {
      for (let slot = 0; slot < ofHalf.length; slot++) scores[2 * slot + half] = ofHalf[slot]
    })
    return scores
  }

  /** The `count` slots that are most worth a comparison, best first. */
  shortlist(probe: Template, count: number): number[] {
    const found = this.halves.flatMap((search, half) =>
      search === undefined || search.memory.size === 0
        ? []
        : search.shortlist(probe, count).map(({ slot, worth }) => ({ slot: 2 * slot + half, worth })),
    )
    return found
      .sort((a, b) => b.worth - a.worth || a.slot - b.slot)
      .slice(0, count)
      .map(({ slot }) => slot)
  }

  private allSlots(): number[] {
    return this.halves.flatMap(
      (search, half) => search?.memory.filledSlots().map(slot => 2 * slot + half) ?? [],
    )
  }

  /** Of a position, whose the fingers are that somebody said of whose they are. */
  private forEachOf(position: number, take: (person: number, slot: number) => void): void {
    this.halves.forEach((search, half) => {
      if (search === undefined) return
      const { memory } = search
      for (let block = 0; block < memory.blocks; block++) {
        if (memory.positionOf(block) !== position) continue
        const { person, bits } = memory.columnsOf(block)
        for (let place = 0; place < BLOCK_FINGERS; place++)
          if (person[place] >= 0 && bits[place] > 0)
            take(person[place], 2 * (block * BLOCK_FINGERS + place) + half)
      }
    })
  }

  /** Of the template in the slot; undefined where there is none, or another came meanwhile. */
  preparedOf(slot: number): Prepared | undefined {
    const packed = this.halves[slot & 1]?.memory.packedOf(slot >> 1)
    return packed && prepare(expand(packed))
  }

  private readyOf(slot: number, version: number): Prepared | undefined {
    const kept = this.ready.get(slot)
    if (kept !== undefined && kept.version === version) return kept.prepared
    const prepared = this.preparedOf(slot)
    if (prepared !== undefined) this.ready.set(slot, { version, prepared })
    return prepared
  }
}
