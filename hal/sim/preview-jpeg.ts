/**
 * A JPEG (ITU-T T.81, baseline, grey) of an image, for simulated live images. Each pixel becomes a block of eight by
 * eight of one grey: only the constant part of a block is coded, so that a few lines do.
 *
 *     FF D8 | FF DB quantisation | FF C0 frame | FF C4 codes of constants | FF C4 codes of waves | FF DA scan … | FF D9
 */
import type { Frame } from '../../src/finger/image/frame.ts'

/** Live images are small: every so-manieth pixel of a row. */
const STEP_PX = 3
const BLOCK_PX = 8
/** Of the differences from block to block: each category 0-11 has the code of its number in 4 bits. */
const CATEGORIES = 12
const CATEGORY_BITS = 4

export function previewJpeg(frame: Frame): Uint8Array {
  const columns = Math.floor(frame.widthPx / STEP_PX)
  const rows = Math.floor(frame.heightPx / STEP_PX)
  const size = [0, 8, ...u16(rows * BLOCK_PX), ...u16(columns * BLOCK_PX)].slice(1)
  const codes = (kind: number, counts: readonly number[], values: readonly number[]) =>
    segment(0xc4, [kind, ...Array.from({ length: 16 }, (_, i) => counts[i] ?? 0), ...values])
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...segment(0xdb, [0, ...new Array(64).fill(8)]),
    ...segment(0xc0, [...size, 1, 1, 0x11, 0]),
    ...codes(
      0x00,
      [0, 0, 0, CATEGORIES],
      Array.from({ length: CATEGORIES }, (_, i) => i),
    ),
    // One code, of one bit: nothing follows in this block.
    ...codes(0x10, [1], [0]),
    ...segment(0xda, [1, 1, 0x00, 0, 63, 0]),
    ...scan(frame, columns, rows),
    ...[0xff, 0xd9],
  ])
}

function scan(frame: Frame, columns: number, rows: number): number[] {
  const bits = new BitWriter()
  let before = 0
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      // The constant part is eight times the mean, and is stored by the eight.
      const level = frame.pixels[row * STEP_PX * frame.widthPx + column * STEP_PX] - 128
      const difference = level - before
      const category = 32 - Math.clz32(Math.abs(difference))
      bits.put(category, CATEGORY_BITS)
      bits.put(difference < 0 ? difference - 1 + (1 << category) : difference, category)
      bits.put(0, 1)
      before = level
    }
  }
  return bits.finish()
}

class BitWriter {
  private readonly bytes: number[] = []
  private held = 0
  private heldBits = 0

  put(value: number, bits: number): void {
    for (let bit = bits - 1; bit >= 0; bit--) {
      this.held = (this.held << 1) | ((value >> bit) & 1)
      if (++this.heldBits < 8) continue
      this.bytes.push(this.held)
      // Or it would be taken for a marker.
      if (this.held === 0xff) this.bytes.push(0)
      this.held = 0
      this.heldBits = 0
    }
  }

  finish(): number[] {
    while (this.heldBits > 0) this.put(1, 1)
    return this.bytes
  }
}

function segment(marker: number, content: readonly number[]): number[] {
  return [0xff, marker, ...u16(content.length + 2), ...content]
}

function u16(value: number): number[] {
  return [value >> 8, value & 0xff]
}
