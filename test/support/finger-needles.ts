import type { Frame } from '../../src/finger/image/frame.ts'
import { packTemplate } from '../../src/finger/template/at-rest.ts'
import { extract } from '../../src/finger/template/extract.ts'
import type { Needle } from './process-memory.ts'

/** Pixels from the middle of the finger. */
export function imageNeedle(position: number, { pixels, widthPx, heightPx }: Frame): Needle {
  const middle = (heightPx >> 1) * widthPx + (widthPx >> 1)
  return { name: `image ${position}`, bytes: Buffer.from(pixels.slice(middle - 24, middle + 24)) }
}

/** As the engine holds a template, and as the store packs it. */
export function engineNeedles(position: number, frame: Frame): Needle[] {
  const { template } = extract({ ...frame, pixels: frame.pixels.slice() })
  const packed = packTemplate(template)
  return [
    { name: `minutiae ${position}`, bytes: Buffer.from(template.xPx.slice(4, 12).buffer) },
    { name: `packed ${position}`, bytes: Buffer.from(packed.slice(100, 160)) },
    { name: `packed field ${position}`, bytes: mostVaried(packed.slice(packed.length >> 1), 48) },
  ]
}

/** The piece with the most different bytes: where a finger is plain, its field is what any memory may hold. */
function mostVaried(bytes: Uint8Array, length: number): Buffer {
  let best = Buffer.alloc(0)
  for (let at = 0; at + length <= bytes.length; at++) {
    const piece = Buffer.from(bytes.slice(at, at + length))
    if (new Set(piece).size > new Set(best).size) best = piece
  }
  return best
}

/** As the ABIS gets a template: its bytes, their base64, and that again in a signed body, at each place of three. */
export function submittedNeedles(position: number, template: string): Needle[] {
  const bytes = Buffer.from(template, 'base64')
  const text = template.slice(60, 120)
  return [
    { name: `template ${position}`, bytes: bytes.subarray(40, 76) },
    { name: `base64 ${position}`, bytes: Buffer.from(text) },
    { name: `wide base64 ${position}`, bytes: Buffer.from(text, 'utf16le') },
    ...[0, 1, 2].map(shift => ({
      name: `signed ${position}, ${shift}`,
      bytes: Buffer.from(
        Buffer.from(' '.repeat(shift) + text)
          .toString('base64url')
          .slice(4, 72),
      ),
    })),
  ]
}
