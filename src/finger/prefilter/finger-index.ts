import type { Template } from '../template/template.ts'
import { compact } from './compact.ts'
import { CODE_BYTES, type Form } from './encode.ts'
import { BLOCK_FINGERS, FingerMemory, ROW_BYTES, ROWS } from './finger-memory.ts'
import { FingerSearch } from './finger-search.ts'
import { PackedTemplates } from './packed-templates.ts'

/** Whose it is, by the number that the gallery gave the person, and which of their fingers. */
export interface Owner {
  readonly person: number
  readonly position: number
}

export const NOBODY: Owner = { person: -1, position: 0 }

/**
 * Very many fingers, laid out so that one can be looked for among them (`finger-search.ts` says how). Slots number
 * them; a removed finger's slot is used again. One thread adds and removes; others may search meanwhile.
 */
export class FingerIndex {
  readonly memory = new FingerMemory()
  readonly search: FingerSearch
  private readonly templates = new PackedTemplates(this.memory)
  /** Of each position, slots that hold no finger. */
  private readonly free = new Map<number, number[]>()

  constructor(form: Form) {
    this.search = new FingerSearch(form, this.memory, 0)
  }

  get size(): number {
    return this.memory.size
  }

  /** Gives back the finger's slot. */
  add(template: Template, { person, position }: Owner): number {
    const slot = this.freeOf(position).pop()!
    const encoded = this.search.encoder.encode(template)
    this.rewrite(slot, (columns, place) => {
      const bits = this.fillBag(slot, place, encoded.codes)
      columns.voters[place] = this.search.writeVoters(template, encoded, this.memory.fingerAt(slot))
      columns.templateAt[place] = this.templates.put(compact(template))
      columns.person[place] = person
      columns.bits[place] = bits
      this.memory.count(1, bits)
      this.memory.meet(person)
    })
    return slot
  }

  remove(slot: number): void {
    this.rewrite(slot, (columns, place) => {
      this.memory.count(-1, -columns.bits[place])
      this.emptyBag(slot, place)
      this.templates.giveBack(columns.templateAt[place])
      this.memory.fingerOf(slot).fill(0)
      columns.bits[place] = 0
      columns.voters[place] = 0
      columns.person[place] = NOBODY.person
    })
    this.freeOf(this.memory.positionOf(Math.floor(slot / BLOCK_FINGERS))).push(slot)
  }

  /** At least one. */
  private freeOf(position: number): number[] {
    let free = this.free.get(position)
    if (free === undefined) this.free.set(position, (free = []))
    if (free.length > 0) return free
    const first = this.memory.newBlock(position) * BLOCK_FINGERS
    for (let place = BLOCK_FINGERS - 1; place >= 0; place--) free.push(first + place)
    return free
  }

  /** Its version is odd while `write` is under way. */
  private rewrite(
    slot: number,
    write: (columns: ReturnType<FingerMemory['columnsOf']>, place: number) => void,
  ): void {
    const columns = this.memory.columnsOf(Math.floor(slot / BLOCK_FINGERS))
    const place = slot % BLOCK_FINGERS
    Atomics.add(columns.version, place, 1)
    write(columns, place)
    Atomics.add(columns.version, place, 1)
  }

  /** Gives back how many bits it has. */
  private fillBag(slot: number, place: number, codes: Uint8Array): number {
    const bags = this.memory.bagsOf(slot)
    const bit = 1 << (place & 7)
    let bits = 0
    for (let i = 0; i < codes.length; i++) {
      const row = (i % CODE_BYTES) * 256 + codes[i]
      const at = row * ROW_BYTES + (place >> 3)
      if ((bags[at] & bit) !== 0) continue
      bags[at] |= bit
      this.memory.spread[row]++
      bits++
    }
    return bits
  }

  private emptyBag(slot: number, place: number): void {
    const bags = this.memory.bagsOf(slot)
    const bit = 1 << (place & 7)
    for (let row = 0; row < ROWS; row++) {
      const at = row * ROW_BYTES + (place >> 3)
      if ((bags[at] & bit) === 0) continue
      bags[at] &= ~bit
      this.memory.spread[row]--
    }
  }
}
