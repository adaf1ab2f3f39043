import type { Template } from '../template/template.ts'
import { plain, textured } from './encode.ts'
import { FingerIndex } from './finger-index.ts'

/**
 * The two indices of a gallery as one: fingers with an orientation map lie in the one, those without in the other,
 * since codes of different forms cannot be compared. A slot's last bit says in which: even slots are textured.
 */
export class GalleryIndex {
  private readonly halves = [new FingerIndex(textured), new FingerIndex(plain)] as const

  get bytes(): number {
    return this.halves[0].bytes + this.halves[1].bytes
  }

  /** Gives back the finger's slot. */
  add(template: Template): number {
    const half = template.orientation === undefined ? 1 : 0
    return 2 * this.halves[half].add(template) + half
  }

  remove(slot: number): void {
    this.halves[slot & 1].remove(slot >> 1)
  }

  /** As `FingerIndex.resemblance`, by slot. */
  resemblance(probe: Template): Float32Array {
    const end = Math.max(...this.halves.map(({ slotsEnd }) => slotsEnd))
    const scores = new Float32Array(2 * end).fill(Number.NEGATIVE_INFINITY)
    this.halves.forEach((index, half) => {
      if (index.size === 0) return
      const ofHalf = index.resemblance(probe)
      for (let slot = 0; slot < ofHalf.length; slot++) scores[2 * slot + half] = ofHalf[slot]
    })
    return scores
  }

  /** The `count` slots that are most worth a comparison, best first. */
  shortlist(probe: Template, count: number): number[] {
    const found = this.halves.flatMap((index, half) =>
      index.size === 0
        ? []
        : index.shortlist(probe, count).map(({ slot, worth }) => ({ slot: 2 * slot + half, worth })),
    )
    return found
      .sort((a, b) => b.worth - a.worth || a.slot - b.slot)
      .slice(0, count)
      .map(({ slot }) => slot)
  }
}
