/**
 * Reading a prepared print. `compare/layout.ts` writes the same layout:
 *
 *     0 count   4 count rounded up to 4   8 has texture   12 offset of the area's cells
 *     16 columns   20 rows   24 cell px   28 left px   32 top px   36 digest   40 offset of textures
 *     64  x, y, cos, sin, reliability, kind: f32 each, `padded` of them
 *         descriptors: 96 bytes a minutia (`compare/descriptor.ts`)
 *         textures: 48 angles a minutia, then 48 times 255 where valid, else 0
 *         area: a byte a cell
 */
export const MINUTIAE_MAX: i32 = 100
export const DESCRIPTOR_BYTES: usize = 96
export const TEXTURE_BYTES: usize = 96
const HEADER_BYTES: usize = 64

@inline
export function countOf(print: usize): i32 {
  return load<i32>(print)
}

@inline
export function paddedOf(print: usize): i32 {
  return load<i32>(print, 4)
}

@inline
export function hasTexture(print: usize): bool {
  return load<i32>(print, 8) !== 0
}

@inline
export function digestOf(print: usize): i32 {
  return load<i32>(print, 36)
}

/** Start of one of the six arrays: 0 x, 1 y, 2 cos, 3 sin, 4 reliability, 5 kind. */
@inline
export function column(print: usize, which: usize): usize {
  return print + HEADER_BYTES + ((which * <usize>load<i32>(print, 4)) << 2)
}

@inline
export function descriptor(print: usize, i: i32): usize {
  return print + HEADER_BYTES + 24 * <usize>load<i32>(print, 4) + <usize>i * DESCRIPTOR_BYTES
}

@inline
export function texture(print: usize, i: i32): usize {
  return print + <usize>load<i32>(print, 40) + <usize>i * TEXTURE_BYTES
}

@inline
export function at(array: usize, i: i32): f32 {
  return load<f32>(array + (<usize>i << 2))
}

/** Whether the print shows finger at this point. */
export function isInside(print: usize, x: f32, y: f32): bool {
  const cellPx = load<f32>(print, 24)
  const columnAt = floor<f32>((x - load<f32>(print, 28)) / cellPx)
  const rowAt = floor<f32>((y - load<f32>(print, 32)) / cellPx)
  const columns = load<i32>(print, 16)
  if (!(columnAt >= 0 && rowAt >= 0 && columnAt < <f32>columns && rowAt < <f32>load<i32>(print, 20)))
    return false
  return load<u8>(print + <usize>load<i32>(print, 12) + <usize>(<i32>rowAt * columns + <i32>columnAt)) !== 0
}
