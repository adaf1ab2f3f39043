/** Fills in the descriptors of a print that is laid out but for them: see `compare/descriptor.ts` for what they are. */
import { at, column, countOf, DESCRIPTOR_BYTES, descriptor, isInside, MINUTIAE_MAX } from './print'

const CELLS = 128
const DIRECTIONS: usize = 5
/** Cells stand in rows of a hexagonal lattice, shifted by half a step in every other row. */
const LATTICE_SIDE = 19
const LATTICE_MIDDLE = 9
const STEP_PX: f32 = 12
const ROW_PX: f32 = 10.392304845413264
const REACH_PX: f32 = 16
const BIT_AT: f32 = 0.35

/** The caller fills these in, once: see `descriptorTables` of `compare/descriptor.ts`. */
const cellOf: usize = memory.data(19 * 19)
const cellX: usize = memory.data(128 * 4, 16)
const cellY: usize = memory.data(128 * 4, 16)
/** By squared distance in px; by difference of direction in 256ths of a turn. */
const nearness: usize = memory.data(257 * 4, 16)
const agreement: usize = memory.data(256 * 4, 16)

export function cellOfAt(): usize {
  return cellOf
}
export function cellXAt(): usize {
  return cellX
}
export function cellYAt(): usize {
  return cellY
}
export function nearnessAt(): usize {
  return nearness
}
export function agreementAt(): usize {
  return agreement
}

/** A cell's sums by direction: five of eight f32. */
const sums: usize = memory.data(128 * 8 * 4, 16)
/** Directions of the minutiae in 65536ths of a turn, i32: the caller's. */
const turns: usize = memory.data(100 * 4, 16)
export function turnsAt(): usize {
  return turns
}

/** `radiusPx`: beyond it a neighbour reaches no cell. */
export function describe(print: usize, radiusPx: f32): void {
  const count = min(countOf(print), MINUTIAE_MAX)
  for (let i = 0; i < count; i++) {
    memory.fill(sums, 0, CELLS * 8 * 4)
    sumNeighbours(print, i, count, radiusPx)
    const bits = descriptor(print, i)
    memory.fill(bits, 0, DESCRIPTOR_BYTES)
    const x = at(column(print, 0), i)
    const y = at(column(print, 1), i)
    const cos = at(column(print, 2), i)
    const sin = at(column(print, 3), i)
    for (let cell = 0; cell < CELLS; cell++) {
      const word = bits + (<usize>(cell >> 5) << 2)
      const bit: u32 = 1 << (cell & 31)
      const sum = sums + (<usize>cell << 5)
      const set = i32x4.bitmask(f32x4.gt(v128.load(sum), f32x4.splat(BIT_AT))) | (load<f32>(sum, 16) > BIT_AT ? 16 : 0)
      for (let direction: usize = 0; direction < DIRECTIONS; direction++)
        if ((set >> <i32>direction) & 1) setBit(word + 16 * direction, bit)
      const dx = at(cellX, cell)
      const dy = at(cellY, cell)
      if (isInside(print, x + dx * cos - dy * sin, y + dx * sin + dy * cos)) setBit(word + 16 * DIRECTIONS, bit)
    }
  }
}

@inline
function setBit(word: usize, bit: u32): void {
  store<u32>(word, load<u32>(word) | bit)
}

function sumNeighbours(print: usize, i: i32, count: i32, radiusPx: f32): void {
  const cos = at(column(print, 2), i)
  const sin = at(column(print, 3), i)
  const turn = load<i32>(turns + (<usize>i << 2))
  for (let j = 0; j < count; j++) {
    const dx = at(column(print, 0), j) - at(column(print, 0), i)
    const dy = at(column(print, 1), j) - at(column(print, 1), i)
    if (j === i || dx * dx + dy * dy >= radiusPx * radiusPx) continue
    const relative = (load<i32>(turns + (<usize>j << 2)) - turn + 128) >> 8
    const w: f32 = 0.4 + 0.6 * at(column(print, 4), j)
    addNeighbour(dx * cos + dy * sin, dy * cos - dx * sin, w, relative)
  }
}

/** Adds to every cell within reach of the neighbour at (x, y) in the minutia's frame. */
function addNeighbour(x: f32, y: f32, weight: f32, relative: i32): void {
  // The five directions' centres lie at 0, 51, 102, 154 and 205 of 256.
  const agreed = f32x4(
    agreementOf(relative),
    agreementOf(relative - 51),
    agreementOf(relative - 102),
    agreementOf(relative - 154),
  )
  const last = agreementOf(relative - 205)
  const top = max(-LATTICE_MIDDLE, <i32>ceil((y - REACH_PX) / ROW_PX))
  const bottom = min(LATTICE_MIDDLE, <i32>floor((y + REACH_PX) / ROW_PX))
  for (let row = top; row <= bottom; row++) {
    const shift: f32 = row & 1 ? 0.5 : 0
    const left = max(-LATTICE_MIDDLE, <i32>ceil((x - REACH_PX) / STEP_PX - shift))
    const right = min(LATTICE_MIDDLE, <i32>floor((x + REACH_PX) / STEP_PX - shift))
    for (let place = left; place <= right; place++) {
      const cell = <i32>load<u8>(cellOf + <usize>((row + LATTICE_MIDDLE) * LATTICE_SIDE + place + LATTICE_MIDDLE))
      if (cell >= CELLS) continue
      const ex = at(cellX, cell) - x
      const ey = at(cellY, cell) - y
      const squared = ex * ex + ey * ey
      if (squared > REACH_PX * REACH_PX) continue
      const near = weight * at(nearness, <i32>squared)
      const sum = sums + (<usize>cell << 5)
      v128.store(sum, f32x4.add(v128.load(sum), f32x4.mul(agreed, f32x4.splat(near))))
      store<f32>(sum, load<f32>(sum, 16) + near * last, 16)
    }
  }
}

@inline
function agreementOf(difference: i32): f32 {
  return at(agreement, difference & 255)
}
