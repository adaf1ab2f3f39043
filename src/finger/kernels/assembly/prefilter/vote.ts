/** Whether the minutiae of a finger that resemble a probe's most agree on how the one lies over the other. */

import {
  BALLOT_AT,
  LIKENESS_AT,
  MATES_AT,
  PROBE_AT,
  TURNS_AT,
  VOTE_CELL_AT,
  VOTE_TURN_AT,
  VOTES_AT,
  WORTHS_AT,
  work,
} from './work'

const ROTATIONS = 18
const CELLS = 16
const CELL_SHIFT = 5 // 32 px
const BEST = 12
const PEAK_WEIGHT: f32 = 1.5

const TURN_SHIFT = 14
const TURN_UNIT: f32 = 16384
/** Of the last vote: the cell that won. What each minutia voted stands at MATES_AT, VOTE_TURN_AT and VOTE_CELL_AT. */
let peakCell = 0
let castCell = 0

/**
 * Votes on the fingers at BALLOT_AT, 256 at most: where each begins and how many minutiae it has, u32 each. Leaves
 * what each is worth at WORTHS_AT, f32. The probe, at PROBE_AT, is a finger too.
 */
export function voteAll(probeCount: i32, fingers: i32): void {
  for (let k = 0; k < fingers; k++) {
    const entry = work + BALLOT_AT + (<usize>k << 3)
    const worth = vote(probeCount, load<u32>(entry), load<i32>(entry, 4))
    store<f32>(work + WORTHS_AT + (<usize>k << 2), worth)
  }
}

/**
 * A finger is `count` codes of 8 bytes, then as many positions: x and y i16 px, direction u8 in 256ths of a turn,
 * one byte spare, 6 bytes. At TURNS_AT stand the cosine and the sine of each 256th of a turn, in 16384ths: i16 each.
 */
export function vote(probeCount: i32, finger: usize, count: i32): f32 {
  if (count === 0 || probeCount === 0) return 0
  const votes = work + VOTES_AT
  const mates = work + MATES_AT
  const voteTurn = work + VOTE_TURN_AT
  const voteCell = work + VOTE_CELL_AT
  const likeness = work + LIKENESS_AT
  const turns = work + TURNS_AT
  const probe = work + PROBE_AT
  memory.fill(votes, 0, ROTATIONS * CELLS * CELLS)
  memory.fill(likeness, 0, 66 * 2)
  const probePlaces = probe + (<usize>probeCount << 3)
  const places = finger + (<usize>count << 3)
  let peak = 0
  peakCell = 0
  for (let i = 0; i < probeCount; i++) {
    const code = load<u64>(probe + (<usize>i << 3))
    // Bits that differ, and whose they are, as one number: its least is the best partner.
    let least = 65 << 8
    let j = 0
    for (; j + 4 <= count; j += 4) {
      const at = finger + (<usize>j << 3)
      const a = (<i32>popcnt(code ^ load<u64>(at)) << 8) | j
      const b = (<i32>popcnt(code ^ load<u64>(at, 8)) << 8) | (j + 1)
      const c = (<i32>popcnt(code ^ load<u64>(at, 16)) << 8) | (j + 2)
      const d = (<i32>popcnt(code ^ load<u64>(at, 24)) << 8) | (j + 3)
      least = min(least, min(min(a, b), min(c, d)))
    }
    for (; j < count; j++) least = min(least, (<i32>popcnt(code ^ load<u64>(finger + (<usize>j << 3))) << 8) | j)
    const mate = least & 0xff
    const slot = likeness + <usize>((least >> 8) << 1)
    store<u16>(slot, load<u16>(slot) + 1)
    const from = probePlaces + <usize>i * 6
    const to = places + <usize>mate * 6
    const turn = (<i32>load<u8>(to, 4) - <i32>load<u8>(from, 4)) & 255
    const cos = <i32>load<i16>(turns + (<usize>turn << 2))
    const sin = <i32>load<i16>(turns + (<usize>turn << 2), 2)
    const x = <i32>load<i16>(from)
    const y = <i32>load<i16>(from, 2)
    const dx = (<i32>load<i16>(to) << TURN_SHIFT) - (x * cos - y * sin)
    const dy = (<i32>load<i16>(to, 2) << TURN_SHIFT) - (x * sin + y * cos)
    const cellX = (dx >> (TURN_SHIFT + CELL_SHIFT)) & (CELLS - 1)
    const cellY = (dy >> (TURN_SHIFT + CELL_SHIFT)) & (CELLS - 1)
    const rotation = (turn * ROTATIONS) >> 8
    store<u8>(mates + i, <u8>mate)
    store<u8>(voteTurn + i, <u8>turn)
    store<u16>(voteCell + (<usize>i << 1), <u16>((rotation * CELLS + cellY) * CELLS + cellX))
    const most = cast(votes, rotation, cellX, cellY)
    if (most > peak) {
      peak = most
      peakCell = castCell
    }
  }
  // The sum of the best likenesses, by counting.
  let sum = 0
  let left = min(BEST, probeCount)
  for (let different = 0; different <= 65 && left > 0; different++) {
    const here = min(left, <i32>load<u16>(likeness + (<usize>different << 1)))
    sum += here * (64 - different)
    left -= here
  }
  return <f32>sum / 64 + PEAK_WEIGHT * <f32>peak
}

/** A vote for a place and, so that no border parts two that agree, for its neighbours below and to the right. */
function cast(votes: usize, rotation: i32, x: i32, y: i32): i32 {
  let most = 0
  for (let turned = 0; turned < 2; turned++) {
    const layer = ((rotation + turned) % ROTATIONS) * CELLS * CELLS
    for (let down = 0; down < 2; down++) {
      for (let right = 0; right < 2; right++) {
        const cell = layer + ((y + down) & (CELLS - 1)) * CELLS + ((x + right) & (CELLS - 1))
        const count = <i32>load<u8>(votes + <usize>cell) + 1
        store<u8>(votes + <usize>cell, <u8>count)
        if (count > most) {
          most = count
          castCell = cell
        }
      }
    }
  }
  return most
}

const NEAR_PX: f32 = 18
const NEAR_TURN = 24

/**
 * After a vote: how many of the probe's minutiae meet one of the finger's, place and direction, once the probe is
 * laid over it as those that voted for the peak say.
 */
export function agreement(probeCount: i32, finger: usize, count: i32): i32 {
  const mates = work + MATES_AT
  const voteTurn = work + VOTE_TURN_AT
  const turns = work + TURNS_AT
  const probe = work + PROBE_AT
  const probePlaces = probe + (<usize>probeCount << 3)
  const places = finger + (<usize>count << 3)
  let voters = 0
  let fromX: f32 = 0
  let fromY: f32 = 0
  let toX: f32 = 0
  let toY: f32 = 0
  let turnSum = 0
  let firstTurn = 0
  for (let i = 0; i < probeCount; i++) {
    if (!votedForPeak(i)) continue
    const from = probePlaces + <usize>i * 6
    const to = places + <usize>load<u8>(mates + i) * 6
    const turn = <i32>load<u8>(voteTurn + i)
    if (voters === 0) firstTurn = turn
    turnSum += ((turn - firstTurn + 128) & 255) - 128
    fromX += <f32>load<i16>(from)
    fromY += <f32>load<i16>(from, 2)
    toX += <f32>load<i16>(to)
    toY += <f32>load<i16>(to, 2)
    voters++
  }
  if (voters === 0) return 0
  const share: f32 = 1 / <f32>voters
  const turn = (firstTurn + <i32>nearest<f32>(<f32>turnSum * share)) & 255
  const cos: f32 = <f32>load<i16>(turns + (<usize>turn << 2)) / TURN_UNIT
  const sin: f32 = <f32>load<i16>(turns + (<usize>turn << 2), 2) / TURN_UNIT
  let met = 0
  for (let i = 0; i < probeCount; i++) {
    const from = probePlaces + <usize>i * 6
    const dx = <f32>load<i16>(from) - fromX * share
    const dy = <f32>load<i16>(from, 2) - fromY * share
    const x = dx * cos - dy * sin + toX * share
    const y = dx * sin + dy * cos + toY * share
    const direction = <i32>load<u8>(from, 4) + turn
    for (let j = 0; j < count; j++) {
      const to = places + <usize>j * 6
      const ex = <f32>load<i16>(to) - x
      const ey = <f32>load<i16>(to, 2) - y
      if (ex * ex + ey * ey > NEAR_PX * NEAR_PX) continue
      if (abs(((<i32>load<u8>(to, 4) - direction + 128) & 255) - 128) > NEAR_TURN) continue
      met++
      break
    }
  }
  return met
}

function votedForPeak(i: i32): bool {
  const cell = <i32>load<u16>(work + VOTE_CELL_AT + (<usize>i << 1))
  const rotations = (peakCell / (CELLS * CELLS) - cell / (CELLS * CELLS) + ROTATIONS) % ROTATIONS
  const down = ((peakCell / CELLS) - (cell / CELLS)) & (CELLS - 1)
  const right = (peakCell - cell) & (CELLS - 1)
  return rotations < 2 && down < 2 && right < 2
}
