/**
 * The first two stages of a search: which of very many fingers are worth a comparison?
 *
 * 1. A finger is a bag: for each of its best minutiae and each byte of its code, one bit of 8,192 says that some
 *    minutia has this value there. Bags lie bit by bit, 512 fingers side by side, so that one finger's bits are
 *    counted in all of them at once (`kernels/assembly/prefilter/scan.ts`). Rare bits count more, and what full
 *    bags have in common by chance is taken off.
 * 2. The best bags' fingers are looked at one by one: do the minutiae that resemble the probe's agree on how the
 *    one finger lies over the other (`vote.ts`)?
 */
import { cos, ln, sin, TWO_PI } from '../kernels/elementary.ts'
import { newSearchKernels, type SearchKernels } from '../kernels/search.ts'
import type { Template } from '../template/template.ts'
import { best } from './best.ts'
import { CODE_BYTES, type Encoded, type Encoder, encoderOf, type Form, turnOf } from './encode.ts'
import {
  BLOCK_FINGERS,
  FingerMemory,
  ROW_BYTES,
  ROWS,
  VOTER_CODE_BYTES,
  VOTER_PLACE_BYTES,
  VOTERS_MAX,
} from './finger-memory.ts'

/** So many fingers are voted on in one call. */
const BALLOT_MAX = 256
const TURN_STEPS = 256
const TURN_UNIT = 16384
/** Less in common than chance would give says no more than just as much. */
const FLOOR = -1
/** −ln of the share of fingers that have a bit: from here on it weighs 2, and 4. */
const RARITY_1 = 1.2
const RARITY_2 = 2.4
/** So many of the probe's minutiae are looked for in the bags: the most reliable ones. */
const PROBED_MAX = 32
/** Not fewer fingers than these go into the second stage. */
const STAGE_MIN = 1000
const BAG_WEIGHT = 2
/** A share of these is laid over the probe. */
const AGREEMENT_SHARE = 0.2
const AGREEMENT_WEIGHT = 0.5

export interface Worth {
  readonly slot: number
  readonly worth: number
}

export class FingerSearch {
  readonly encoder: Encoder
  private readonly kernels: SearchKernels

  /** `thread`: its number among those that share the memory. */
  constructor(
    private readonly form: Form,
    readonly memory: FingerMemory,
    thread: number,
  ) {
    this.encoder = encoderOf(form)
    this.kernels = newSearchKernels(memory.memory, FingerMemory.workAt(thread))
    const turns = new Int16Array(memory.memory.buffer, this.kernels.turnsAt(), 2 * TURN_STEPS)
    for (let i = 0; i < TURN_STEPS; i++) {
      turns[2 * i] = Math.round(TURN_UNIT * cos((TWO_PI * i) / TURN_STEPS))
      turns[2 * i + 1] = Math.round(TURN_UNIT * sin((TWO_PI * i) / TURN_STEPS))
    }
  }

  /**
   * By slot, how much the probe has in common with each finger beyond chance, in about deviations; FLOOR and up.
   * `Number.NEGATIVE_INFINITY` where there is no finger, or where it is said to be of another position.
   */
  resemblance(probe: Template, position?: number): Float32Array {
    return this.resemblanceOf(this.encoder.encode(probe), position)
  }

  /** The `count` slots that are most worth a comparison, best first, and how much. */
  shortlist(probe: Template, count: number): Worth[] {
    const encoded = this.encoder.encode(probe)
    const scores = this.resemblanceOf(encoded)
    const stage = best(scores, Math.max(STAGE_MIN, Math.ceil(this.form.stageShare * this.memory.size)))
    const voters = this.writeVoters(probe, encoded, this.kernels.probeAt())
    const votes = this.votes(voters, stage)
    stage.forEach((slot, i) => {
      votes[i] += BAG_WEIGHT * scores[slot]
    })
    const second = best(votes, Math.max(count, Math.ceil(AGREEMENT_SHARE * stage.length)))
    const agreed = Float32Array.from(
      second,
      i => votes[i] + AGREEMENT_WEIGHT * this.agreement(voters, stage[i]),
    )
    return best(agreed, count).map(i => ({ slot: stage[second[i]], worth: agreed[i] }))
  }

  private resemblanceOf(probe: Encoded, position?: number): Float32Array {
    const { memory } = this
    const { size, bitsInAll, blocks } = memory
    const scores = new Float32Array(blocks * BLOCK_FINGERS).fill(Number.NEGATIVE_INFINITY)
    const expected = this.writeRows(probe)
    const meanBits = bitsInAll / Math.max(size, 1)
    const out = this.kernels.scoresAt()
    const common = new Uint16Array(memory.memory.buffer, out, BLOCK_FINGERS)
    let [count, sum, squares] = [0, 0, 0]
    for (let block = 0; block < blocks; block++) {
      if (position !== undefined && memory.positionOf(block) !== position) continue
      this.kernels.scan(memory.blockAt(block), out)
      const { bits } = memory.columnsOf(block)
      for (let i = 0; i < BLOCK_FINGERS; i++) {
        if (bits[i] === 0) continue
        const fullness = bits[i] / meanBits
        const score = (common[i] - expected * fullness) / Math.sqrt(fullness + 0.01)
        count++
        sum += score
        squares += score * score
        scores[block * BLOCK_FINGERS + i] = score
      }
    }
    // In deviations of all fingers from their mean.
    const mean = sum / Math.max(count, 1)
    const scale = 1 / Math.sqrt(Math.max(squares / Math.max(count, 1) - mean * mean, 1e-9))
    for (let slot = 0; slot < scores.length; slot++)
      if (scores[slot] !== Number.NEGATIVE_INFINITY)
        scores[slot] = Math.max(FLOOR, (scores[slot] - mean) * scale)
    return scores
  }

  /** What the fingers in these slots are worth by their votes. */
  private votes(voters: number, slots: readonly number[]): Float32Array {
    const { kernels, memory } = this
    const { buffer } = memory.memory
    const ballot = new Uint32Array(buffer, kernels.ballotAt(), 2 * BALLOT_MAX)
    const worths = new Float32Array(buffer, kernels.worthsAt(), BALLOT_MAX)
    const votes = new Float32Array(slots.length)
    for (let from = 0; from < slots.length; from += BALLOT_MAX) {
      const count = Math.min(BALLOT_MAX, slots.length - from)
      for (let k = 0; k < count; k++) {
        ballot[2 * k] = memory.fingerAt(slots[from + k])
        ballot[2 * k + 1] = this.votersOf(slots[from + k])
      }
      kernels.voteAll(voters, count)
      votes.set(worths.subarray(0, count), from)
    }
    return votes
  }

  /** How many of its minutiae meet the probe's once the one lies over the other as the votes say. */
  private agreement(voters: number, slot: number): number {
    const at = this.memory.fingerAt(slot)
    this.kernels.vote(voters, at, this.votersOf(slot))
    return this.kernels.agreement(voters, at, this.votersOf(slot))
  }

  private votersOf(slot: number): number {
    return this.memory.columnsOf(Math.floor(slot / BLOCK_FINGERS)).voters[slot % BLOCK_FINGERS]
  }

  /** In the layout of the kernel `vote`; gives back how many. */
  writeVoters(template: Template, { count, codes, chosen }: Encoded, at: number): number {
    const voters = Math.min(count, VOTERS_MAX)
    const { buffer } = this.memory.memory
    const view = new DataView(buffer, at, voters * (VOTER_CODE_BYTES + VOTER_PLACE_BYTES))
    for (let i = 0; i < voters; i++) {
      for (let k = 0; k < VOTER_CODE_BYTES; k++)
        view.setUint8(i * VOTER_CODE_BYTES + k, codes[i * CODE_BYTES + k])
      const place = voters * VOTER_CODE_BYTES + i * VOTER_PLACE_BYTES
      view.setInt16(place, Math.round(template.xPx[chosen[i]]), true)
      view.setInt16(place + 2, Math.round(template.yPx[chosen[i]]), true)
      view.setUint8(place + 4, turnOf(template.directionRad[chosen[i]]))
    }
    return voters
  }

  /**
   * Makes the probe's bits what `scan` counts, by weight; gives back the weight that an average finger has in
   * common with it by chance.
   */
  private writeRows({ count, codes, flipped }: Encoded): number {
    const half = new Uint8Array(ROWS)
    const bytes = Math.min(count, PROBED_MAX) * CODE_BYTES
    for (let i = 0; i < bytes; i++) half[(i % CODE_BYTES) * 256 + flipped[i]] = 1
    for (let i = 0; i < bytes; i++) half[(i % CODE_BYTES) * 256 + codes[i]] = 2
    const byWeight: number[][] = [[], [], [], []]
    const size = Math.max(this.memory.size, 1)
    let expected = 0
    for (let row = 0; row < ROWS; row++) {
      if (half[row] === 0) continue
      const share = (this.memory.spread[row] + 1) / (size + 1)
      const rarity = -ln(share)
      const level = (rarity < RARITY_1 ? 0 : rarity < RARITY_2 ? 1 : 2) + half[row] - 1
      byWeight[level].push(row * ROW_BYTES)
      expected += share * (1 << level)
    }
    const { buffer } = this.memory.memory
    const rows = byWeight.flat()
    new Uint32Array(buffer, this.kernels.rowsAt(), rows.length).set(rows)
    new Int32Array(buffer, this.kernels.countsAt(), 4).set(byWeight.map(({ length }) => length))
    return expected
  }
}
