/**
 * The first two stages of a search: which of very many fingers are worth a comparison?
 *
 * 1. A finger is a bag: for each of its best minutiae and each byte of its code, one bit of 8,192 says that some
 *    minutia has this value there. Bags lie bit by bit, 512 fingers side by side, so that one finger's bits are
 *    counted in all of them at once (`kernels/assembly/prefilter/scan.ts`). Rare bits count more, and what full
 *    bags have in common by chance is taken off.
 * 2. The best bags' fingers are looked at one by one: do the minutiae that resemble the probe's agree on how the
 *    one finger lies over the other (`vote.ts`)?
 *
 * Slots number the fingers, 0 up; a removed finger's slot is used again. Everything lies in one WebAssembly
 * memory, 1.6 kB a finger.
 */
import { cos, ln, sin, TWO_PI } from '../kernels/elementary.ts'
import { growTo } from '../kernels/instantiate.ts'
import type { PrefilterKernels } from '../kernels/prefilter.ts'
import type { Template } from '../template/template.ts'
import { CODE_BYTES, type Encoded, Encoder, type Form, turnOf } from './encode.ts'

const BLOCK_FINGERS = 512
const ROWS = 256 * CODE_BYTES
const ROW_BYTES = BLOCK_FINGERS / 8
const BAG_BYTES = ROWS * ROW_BYTES
/** So many minutiae vote, by so much of their codes. */
const VOTERS_MAX = 40
const VOTER_CODE_BYTES = 8
const VOTER_PLACE_BYTES = 6
const FINGER_BYTES = VOTERS_MAX * (VOTER_CODE_BYTES + VOTER_PLACE_BYTES)
const SCORES_BYTES = 2 * BLOCK_FINGERS
const BLOCK_BYTES = BAG_BYTES + BLOCK_FINGERS * FINGER_BYTES + SCORES_BYTES
const ROWS_MAX = 4096
/** So many fingers are voted on in one call. */
const BALLOT_MAX = 256
/** Less in common than chance would give says no more than just as much. */
const FLOOR = -1

export interface Worth {
  readonly slot: number
  readonly worth: number
}

export class FingerIndex {
  private readonly encoder: Encoder
  private readonly kernels: PrefilterKernels
  private readonly probe: number
  private readonly blocksAt: number
  private slots = 0
  private readonly free: number[] = []
  /** By slot: how many bits its bag has, 0 where there is no finger; and how many minutiae vote. */
  private bits = new Uint16Array(BLOCK_FINGERS)
  private voters = new Uint8Array(BLOCK_FINGERS)
  /** How many fingers have each bit. */
  private readonly spread = new Uint32Array(ROWS)
  private bitsInAll = 0

  constructor(form: Form) {
    this.encoder = new Encoder(form)
    this.kernels = this.encoder.kernels
    this.probe = (this.kernels.heapBase() + 15) & ~15
    this.blocksAt = this.probe + ((FINGER_BYTES + 15) & ~15)
    growTo(this.kernels.memory, this.blocksAt)
    const turns = new Int16Array(this.kernels.memory.buffer, this.kernels.turnsAt(), 2 * 256)
    for (let i = 0; i < 256; i++) {
      turns[2 * i] = Math.round(16384 * cos((TWO_PI * i) / 256))
      turns[2 * i + 1] = Math.round(16384 * sin((TWO_PI * i) / 256))
    }
  }

  get size(): number {
    return this.slots - this.free.length
  }

  /** Slots are below this. */
  get slotsEnd(): number {
    return this.slots
  }

  get bytes(): number {
    return this.kernels.memory.buffer.byteLength
  }

  /** Gives back the finger's slot. */
  add(template: Template): number {
    const slot = this.free.pop() ?? this.newSlot()
    const encoded = this.encoder.encode(template)
    const bag = this.bag(slot)
    const place = slot % BLOCK_FINGERS
    const byte = place >> 3
    const bit = 1 << (place & 7)
    let bits = 0
    for (let i = 0; i < encoded.count * CODE_BYTES; i++) {
      const row = (i % CODE_BYTES) * 256 + encoded.codes[i]
      const at = row * ROW_BYTES + byte
      if ((bag[at] & bit) !== 0) continue
      bag[at] |= bit
      this.spread[row]++
      bits++
    }
    this.bits[slot] = bits
    this.bitsInAll += bits
    this.voters[slot] = this.writeVoters(template, encoded, this.fingerAt(slot))
    return slot
  }

  remove(slot: number): void {
    const bag = this.bag(slot)
    const place = slot % BLOCK_FINGERS
    const bit = 1 << (place & 7)
    for (let row = 0; row < ROWS; row++) {
      const at = row * ROW_BYTES + (place >> 3)
      if ((bag[at] & bit) === 0) continue
      bag[at] &= ~bit
      this.spread[row]--
    }
    this.bitsInAll -= this.bits[slot]
    this.bits[slot] = 0
    this.voters[slot] = 0
    new Uint8Array(this.kernels.memory.buffer, this.fingerAt(slot), FINGER_BYTES).fill(0)
    this.free.push(slot)
  }

  /**
   * By slot, how much the probe has in common with each finger beyond chance, in about deviations; FLOOR and up.
   * `Number.NEGATIVE_INFINITY` where there is none.
   */
  resemblance(probe: Template): Float32Array {
    return this.resemblanceOf(this.encoder.encode(probe))
  }

  /** The `count` slots that are most worth a comparison, best first, and how much. */
  shortlist(probe: Template, count: number): Worth[] {
    const encoded = this.encoder.encode(probe)
    const scores = this.resemblanceOf(encoded)
    const stage = best(scores, Math.max(STAGE_MIN, Math.ceil(this.encoder.form.stageShare * this.size)))
    const voters = this.writeVoters(probe, encoded, this.probe)
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

  private resemblanceOf(probe: Encoded): Float32Array {
    const scores = new Float32Array(this.slots)
    const expected = this.writeRows(probe)
    const meanBits = this.bitsInAll / Math.max(this.size, 1)
    for (let block = 0; block * BLOCK_FINGERS < this.slots; block++) {
      const out = this.blockAt(block) + BLOCK_BYTES - SCORES_BYTES
      this.kernels.scan(this.blockAt(block), out)
      const common = new Uint16Array(this.kernels.memory.buffer, out, BLOCK_FINGERS)
      const first = block * BLOCK_FINGERS
      const count = Math.min(BLOCK_FINGERS, this.slots - first)
      for (let i = 0; i < count; i++) {
        const fullness = this.bits[first + i] / meanBits
        scores[first + i] = (common[i] - expected * fullness) / Math.sqrt(fullness + 0.01)
      }
    }
    return this.standardised(scores)
  }

  /** What the fingers in these slots are worth by their votes. */
  private votes(voters: number, slots: readonly number[]): Float32Array {
    const { kernels, probe } = this
    const { buffer } = kernels.memory
    const ballot = new Uint32Array(buffer, kernels.ballotAt(), 2 * BALLOT_MAX)
    const worths = new Float32Array(buffer, kernels.worthsAt(), BALLOT_MAX)
    const votes = new Float32Array(slots.length)
    for (let from = 0; from < slots.length; from += BALLOT_MAX) {
      const count = Math.min(BALLOT_MAX, slots.length - from)
      for (let k = 0; k < count; k++) {
        ballot[2 * k] = this.fingerAt(slots[from + k])
        ballot[2 * k + 1] = this.voters[slots[from + k]]
      }
      kernels.voteAll(probe, voters, count)
      votes.set(worths.subarray(0, count), from)
    }
    return votes
  }

  /** How many of its minutiae meet the probe's once the one lies over the other as the votes say. */
  private agreement(voters: number, slot: number): number {
    const { kernels, probe } = this
    kernels.vote(probe, voters, this.fingerAt(slot), this.voters[slot])
    return kernels.agreement(probe, voters, this.fingerAt(slot), this.voters[slot])
  }

  private newSlot(): number {
    const slot = this.slots++
    const needed = Math.ceil(this.slots / BLOCK_FINGERS)
    growTo(this.kernels.memory, this.blocksAt + needed * BLOCK_BYTES)
    if (this.bits.length < needed * BLOCK_FINGERS) {
      this.bits = grown(this.bits, new Uint16Array(2 * this.bits.length))
      this.voters = grown(this.voters, new Uint8Array(2 * this.voters.length))
    }
    return slot
  }

  private blockAt(block: number): number {
    return this.blocksAt + block * BLOCK_BYTES
  }

  private bag(slot: number): Uint8Array {
    const at = this.blockAt(Math.floor(slot / BLOCK_FINGERS))
    return new Uint8Array(this.kernels.memory.buffer, at, BAG_BYTES)
  }

  private fingerAt(slot: number): number {
    const block = this.blockAt(Math.floor(slot / BLOCK_FINGERS))
    return block + BAG_BYTES + (slot % BLOCK_FINGERS) * FINGER_BYTES
  }

  /** In the layout of the kernel `vote`; gives back how many. */
  private writeVoters(template: Template, { count, codes, chosen }: Encoded, at: number): number {
    const voters = Math.min(count, VOTERS_MAX)
    const view = new DataView(this.kernels.memory.buffer, at, FINGER_BYTES)
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
    const size = Math.max(this.size, 1)
    let expected = 0
    for (let row = 0; row < ROWS; row++) {
      if (half[row] === 0) continue
      const share = (this.spread[row] + 1) / (size + 1)
      const rarity = -ln(share)
      const level = (rarity < RARITY_1 ? 0 : rarity < RARITY_2 ? 1 : 2) + half[row] - 1
      byWeight[level].push(row)
      expected += share * (1 << level)
    }
    const { buffer } = this.kernels.memory
    const rows = byWeight.flat().slice(0, ROWS_MAX)
    new Uint32Array(buffer, this.kernels.rowsAt(), rows.length).set(rows.map(row => row * ROW_BYTES))
    new Int32Array(buffer, this.kernels.countsAt(), 4).set(byWeight.map(({ length }) => length))
    return expected
  }

  /** In deviations of all fingers from their mean. */
  private standardised(scores: Float32Array): Float32Array {
    let sum = 0
    let squares = 0
    for (let slot = 0; slot < scores.length; slot++) {
      if (this.bits[slot] === 0) continue
      sum += scores[slot]
      squares += scores[slot] * scores[slot]
    }
    const count = Math.max(this.size, 1)
    const mean = sum / count
    const deviation = Math.sqrt(Math.max(squares / count - mean * mean, 1e-9))
    for (let slot = 0; slot < scores.length; slot++)
      scores[slot] =
        this.bits[slot] === 0 ? Number.NEGATIVE_INFINITY : Math.max(FLOOR, (scores[slot] - mean) / deviation)
    return scores
  }
}

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

function grown<Numbers extends Uint8Array | Uint16Array>(from: Numbers, to: Numbers): Numbers {
  to.set(from)
  return to
}

/** Indices of the `count` largest of `scores`, largest first, equal ones by index; infinitely small ones never. */
export function best(scores: Float32Array, count: number): number[] {
  const least = nthLargest(scores, count)
  const chosen: number[] = []
  for (let i = 0; i < scores.length; i++)
    if (scores[i] >= least && scores[i] !== Number.NEGATIVE_INFINITY) chosen.push(i)
  return chosen.sort((a, b) => scores[b] - scores[a] || a - b).slice(0, count)
}

/** By a histogram: near enough below the exact value for a handful too many. */
function nthLargest(scores: Float32Array, count: number): number {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = 0; i < scores.length; i++) {
    if (scores[i] === Number.NEGATIVE_INFINITY) continue
    if (scores[i] < least) least = scores[i]
    if (scores[i] > most) most = scores[i]
  }
  if (!(most > least)) return least
  const bins = new Uint32Array(HISTOGRAM_BINS)
  const scale = (HISTOGRAM_BINS - 1) / (most - least)
  for (let i = 0; i < scores.length; i++)
    if (scores[i] !== Number.NEGATIVE_INFINITY) bins[Math.floor((scores[i] - least) * scale)]++
  let passed = 0
  for (let bin = HISTOGRAM_BINS - 1; bin >= 0; bin--) {
    passed += bins[bin]
    if (passed >= count) return least + bin / scale - 1e-6
  }
  return least
}

const HISTOGRAM_BINS = 4096
