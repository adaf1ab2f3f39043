/**
 * Blocks of 2 × 2 pixels round which the phase of (even, odd) makes a whole turn. `mask` is a byte per
 * cell. Writes x, y of the top left pixel and the turns (-1 or 1), three i32 each, at most `limit` of
 * them; gives back how many there are.
 */
export function residues(
  even: usize,
  odd: usize,
  turn: usize,
  stride: i32,
  columns: i32,
  rows: i32,
  mask: usize,
  out: usize,
  limit: i32,
): i32 {
  const rowBytes = <usize>stride << 1
  let found = 0
  for (let y = 0; y < rows * 4 - 1; y++) {
    for (let column = 0; column < columns; column += 2) {
      const cell = mask + <usize>((y >> 2) * columns + column)
      if (load<u16>(cell) === 0) continue
      const at = <usize>y * rowBytes + (<usize>(column * 4) << 1)
      // A turn needs both parts to change sign; or the odd part to be read with the other sign,
      // where the normal's half turn ends.
      const oddChanges = v128.or(changes(odd + at, rowBytes), changes(turn + at, rowBytes))
      let places = i16x8.bitmask(v128.and(changes(even + at, rowBytes), oddChanges))
      while (places !== 0) {
        const place = ctz(places)
        places &= places - 1
        const x = column * 4 + place
        if (load<u8>(cell + <usize>(place >> 2)) === 0) continue
        const pixel = at + (<usize>place << 1)
        const turns = windings(even + pixel, odd + pixel, turn + pixel, rowBytes)
        if (turns === 0) continue
        if (found < limit) {
          const to = out + <usize>found * 12
          store<i32>(to, x)
          store<i32>(to + 4, y)
          store<i32>(to + 8, turns)
        }
        found++
      }
    }
  }
  return found
}

/** The sign bit of a lane is set where the block's four signs differ. */
@inline
function changes(at: usize, rowBytes: usize): v128 {
  const first = v128.load(at)
  const right = v128.xor(first, v128.load(at, 2))
  const below = v128.xor(first, v128.load(at + rowBytes))
  return v128.or(v128.or(right, below), v128.xor(first, v128.load(at + rowBytes, 2)))
}

function windings(even: usize, odd: usize, turn: usize, rowBytes: usize): i32 {
  const index = <i32>load<u16>(turn)
  const e0 = <i32>load<i16>(even)
  const e1 = <i32>load<i16>(even, 2)
  const e2 = <i32>load<i16>(even + rowBytes, 2)
  const e3 = <i32>load<i16>(even + rowBytes)
  const o0 = <i32>load<i16>(odd)
  const o1 = signedOdd(odd + 2, turn + 2, index)
  const o2 = signedOdd(odd + rowBytes + 2, turn + rowBytes + 2, index)
  const o3 = signedOdd(odd + rowBytes, turn + rowBytes, index)
  return crossing(e0, o0, e1, o1) + crossing(e1, o1, e2, o2) + crossing(e2, o2, e3, o3) + crossing(e3, o3, e0, o0)
}

/** The odd part as seen from a normal of `index`: a normal more than a quarter turn away points back. */
@inline
function signedOdd(odd: usize, turn: usize, index: i32): i32 {
  const value = <i32>load<i16>(odd)
  return abs(<i32>load<u16>(turn) - index) > 16 << 11 ? -value : value
}

/** Whether the step from one corner to the next crosses the positive even axis, and which way. */
@inline
function crossing(ea: i32, oa: i32, eb: i32, ob: i32): i32 {
  const cross = ea * ob - eb * oa
  if (oa < 0 && ob >= 0 && cross > 0) return 1
  if (oa >= 0 && ob < 0 && cross < 0) return -1
  return 0
}
