/** The bytes of one minutia: an ending at (64, 14), 56 steps round, quality 90; and a bifurcation at (40, 31), 0, unknown. */
const TWO_MINUTIAE = [0x40, 0x40, 0x00, 0x0e, 56, 90, 0x80, 0x28, 0x00, 0x1f, 0, 0]

/** A record of two equal representations, built by hand: we only read this format. */
export function iso2011Record(certified: boolean, minutiaBytes: 5 | 6): Uint8Array {
  const minutiae = minutiaBytes === 6 ? TWO_MINUTIAE : TWO_MINUTIAE.filter((_, i) => i % 6 !== 5)
  const body = [
    ...Array(9).fill(0xff), // date unknown
    ...[0, 0, 0x40, 0, 0x0f], // technology, vendor, type
    ...[2, 66, 0, 1, 0, 2, 88, 0, 3, 0, 4], // two qualities
    ...(certified ? [1, 0, 1, 2] : []),
    ...[7, 0, 0x01, 0x8a, 0x01, 0x8a, 1], // left index, view 0, 394 a centimetre, rolled
    ...[2, 0, 3, 0, minutiaBytes << 4, 2], // 512 × 768
    ...minutiae,
    ...[0, 3, 9, 9, 9], // three bytes of extended data
  ]
  const length = body.length + 4
  const total = 15 + 2 * length
  const representation = [0, 0, 0, length, ...body]
  return Uint8Array.of(
    ...[0x46, 0x4d, 0x52, 0, 0x30, 0x33, 0x30, 0],
    ...[0, 0, total >> 8, total & 255, 0, 2, certified ? 1 : 0],
    ...representation,
    ...representation,
    0xee, // what follows a record is not its business
  )
}
