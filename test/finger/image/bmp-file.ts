export const WIDTH = 70
export const HEIGHT = 65

/** A pattern that differs in every row and column. */
export function levelAt(x: number, y: number, levels: number): number {
  return (7 * x + 13 * y + ((x * y) >> 3)) % levels
}

/** The pattern as a Windows bitmap; `edit` spoils its header. */
export function bmpFile(bits: number, topDown: boolean, edit?: (header: DataView) => void): Uint8Array {
  const rowBytes = Math.ceil((WIDTH * bits) / 32) * 4
  const paletteBytes = bits === 8 ? 1024 : 0
  const bytes = new Uint8Array(54 + paletteBytes + rowBytes * HEIGHT)
  const view = new DataView(bytes.buffer)
  bytes.set([0x42, 0x4d])
  view.setUint32(2, bytes.length, true)
  view.setUint32(10, 54 + paletteBytes, true)
  view.setUint32(14, 40, true)
  view.setInt32(18, WIDTH, true)
  view.setInt32(22, topDown ? -HEIGHT : HEIGHT, true)
  view.setUint16(26, 1, true)
  view.setUint16(28, bits, true)
  view.setInt32(38, 19685, true)
  edit?.(view)
  // The palette runs backwards, so that an index read as a grey level would show.
  for (let i = 0; i < paletteBytes / 4; i++) bytes.fill(255 - i, 54 + 4 * i, 57 + 4 * i)
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      const level = levelAt(x, y, 256)
      const at = 54 + paletteBytes + (topDown ? y : HEIGHT - 1 - y) * rowBytes + x * (bits >> 3)
      bytes.fill(bits === 8 ? 255 - level : level, at, at + (bits >> 3))
    }
  return bytes
}
