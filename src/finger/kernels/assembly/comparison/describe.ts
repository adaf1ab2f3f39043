/** Fills in the descriptors of a print that is laid out but for them: see `compare/descriptor.ts` for what they are. */
import { at, column, countOf, DESCRIPTOR_BYTES, descriptor, MINUTIAE_MAX } from './print'

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
    for (let cell: usize = 0; cell < <usize>CELLS; cell += 32) writeBits(sums + (cell << 5), bits + (cell >> 3))
    markInside(print, i, bits + 16 * DIRECTIONS)
  }
}

/** The bits of 32 cells, a word in each of the five planes: four cells at a time, turned round. */
function writeBits(from: usize, bits: usize): void {
  const least = f32x4.splat(BIT_AT)
  let word0 = 0
  let word1 = 0
  let word2 = 0
  let word3 = 0
  let word4 = 0
  let sum = from
  for (let shift = 0; shift < 32; shift += 4, sum += 128) {
    const a = v128.load(sum)
    const b = v128.load(sum, 32)
    const c = v128.load(sum, 64)
    const d = v128.load(sum, 96)
    const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5)
    const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5)
    const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7)
    const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7)
    const ab4 = v128.shuffle<i32>(v128.load(sum, 16), v128.load(sum, 48), 0, 4, 1, 5)
    const cd4 = v128.shuffle<i32>(v128.load(sum, 80), v128.load(sum, 112), 0, 4, 1, 5)
    word0 |= i32x4.bitmask(f32x4.gt(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), least)) << shift
    word1 |= i32x4.bitmask(f32x4.gt(v128.shuffle<i32>(ab, cd, 2, 3, 6, 7), least)) << shift
    word2 |= i32x4.bitmask(f32x4.gt(v128.shuffle<i32>(abHigh, cdHigh, 0, 1, 4, 5), least)) << shift
    word3 |= i32x4.bitmask(f32x4.gt(v128.shuffle<i32>(abHigh, cdHigh, 2, 3, 6, 7), least)) << shift
    word4 |= i32x4.bitmask(f32x4.gt(v128.shuffle<i32>(ab4, cd4, 0, 1, 4, 5), least)) << shift
  }
  store<i32>(bits, word0)
  store<i32>(bits, word1, 16)
  store<i32>(bits, word2, 32)
  store<i32>(bits, word3, 48)
  store<i32>(bits, word4, 64)
}

/** A bit for each cell that lies on the finger; as `isInside`, four at a time. */
function markInside(print: usize, i: i32, bits: usize): void {
  const cos = f32x4.splat(at(column(print, 2), i))
  const sin = f32x4.splat(at(column(print, 3), i))
  const x = f32x4.splat(at(column(print, 0), i) - load<f32>(print, 28))
  const y = f32x4.splat(at(column(print, 1), i) - load<f32>(print, 32))
  const cellPx = f32x4.splat(load<f32>(print, 24))
  const columns = load<i32>(print, 16)
  const rows = load<i32>(print, 20)
  const area = print + <usize>load<i32>(print, 12)
  const stride = i32x4.splat(columns)
  const rowEnd = i32x4.splat(rows)
  for (let cell: usize = 0; cell < <usize>CELLS; cell += 4) {
    const dx = v128.load(cellX + (cell << 2))
    const dy = v128.load(cellY + (cell << 2))
    const px = f32x4.add(x, f32x4.sub(f32x4.mul(dx, cos), f32x4.mul(dy, sin)))
    const py = f32x4.add(y, f32x4.add(f32x4.mul(dx, sin), f32x4.mul(dy, cos)))
    const columnAt = i32x4.trunc_sat_f32x4_s(f32x4.floor(f32x4.div(px, cellPx)))
    const rowAt = i32x4.trunc_sat_f32x4_s(f32x4.floor(f32x4.div(py, cellPx)))
    // As unsigned numbers, negative ones are beyond the end.
    const isThere = v128.and(i32x4.lt_u(columnAt, stride), i32x4.lt_u(rowAt, rowEnd))
    if (!v128.any_true(isThere)) continue
    // Where it is not, the first cell is read, and not believed.
    const place = v128.and(i32x4.add(i32x4.mul(rowAt, stride), columnAt), isThere)
    const cells = i32x4(
      <i32>load<u8>(area + <usize>i32x4.extract_lane(place, 0)),
      <i32>load<u8>(area + <usize>i32x4.extract_lane(place, 1)),
      <i32>load<u8>(area + <usize>i32x4.extract_lane(place, 2)),
      <i32>load<u8>(area + <usize>i32x4.extract_lane(place, 3)),
    )
    const inside = i32x4.bitmask(v128.and(i32x4.ne(cells, i32x4.splat(0)), isThere))
    const byte = bits + (cell >> 3)
    store<u8>(byte, load<u8>(byte) | (inside << (<i32>cell & 4)))
  }
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
