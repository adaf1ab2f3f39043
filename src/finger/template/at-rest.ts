/**
 * Templates in our own store: everything that the comparison uses, to the last bit, so that a score
 * never depends on whether a template was stored meanwhile. Little-endian.
 *
 *      0 version u8 = 2
 *      1 flags u8: 1 has quality, 2 has orientation
 *      2 quality u8
 *      3 count u8
 *      4 width u16, height u16, pixels at 500 dpi
 *      8 count × { x f32, y f32, direction f32, reliability f32, kind u8 }
 *        orientation to the end, if any: see orientation-bytes.ts
 */
import { strict as assert } from 'node:assert'
import { unreadable } from './minutiae-bytes.ts'
import { packOrientation, unpackOrientation } from './orientation-bytes.ts'
import { KIND, MINUTIAE_MAX, type Template } from './template.ts'

const VERSION = 2
const HEADER_BYTES = 8
const MINUTIA_BYTES = 17
const HAS_QUALITY = 1
const HAS_ORIENTATION = 2

/** The template as bytes; `unpackTemplate` gives back an equal one. */
export function packTemplate(template: Template): Uint8Array {
  const { count, quality, orientation } = template
  assert(count <= MINUTIAE_MAX)
  const packed = orientation === undefined ? undefined : packOrientation(orientation)
  const orientationAt = HEADER_BYTES + count * MINUTIA_BYTES
  const bytes = new Uint8Array(orientationAt + (packed?.length ?? 0))
  const view = new DataView(bytes.buffer)
  bytes[0] = VERSION
  bytes[1] = (quality === undefined ? 0 : HAS_QUALITY) | (packed === undefined ? 0 : HAS_ORIENTATION)
  bytes[2] = quality ?? 0
  bytes[3] = count
  view.setUint16(4, template.widthPx, true)
  view.setUint16(6, template.heightPx, true)
  for (let i = 0; i < count; i++) {
    const at = HEADER_BYTES + i * MINUTIA_BYTES
    view.setFloat32(at, template.xPx[i], true)
    view.setFloat32(at + 4, template.yPx[i], true)
    view.setFloat32(at + 8, template.directionRad[i], true)
    view.setFloat32(at + 12, template.reliability[i], true)
    view.setUint8(at + 16, template.kind[i])
  }
  if (packed !== undefined) bytes.set(packed, orientationAt)
  return bytes
}

/** Throws `template/unreadable`: the bytes are not what `packTemplate` made. */
export function unpackTemplate(bytes: Uint8Array): Template {
  if (bytes.length < HEADER_BYTES || bytes[0] !== VERSION) throw unreadable('its version is unknown')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const flags = bytes[1]
  const count = bytes[3]
  const orientationAt = HEADER_BYTES + count * MINUTIA_BYTES
  const hasOrientation = (flags & HAS_ORIENTATION) !== 0
  if (flags > (HAS_QUALITY | HAS_ORIENTATION) || count > MINUTIAE_MAX || bytes[2] > 100)
    throw unreadable('its header is impossible')
  if (bytes.length < orientationAt || (bytes.length > orientationAt && !hasOrientation))
    throw unreadable('its length is not what its header says')
  const template = {
    count,
    widthPx: view.getUint16(4, true),
    heightPx: view.getUint16(6, true),
    xPx: new Float32Array(count),
    yPx: new Float32Array(count),
    directionRad: new Float32Array(count),
    kind: new Uint8Array(count),
    reliability: new Float32Array(count),
    ...((flags & HAS_QUALITY) === 0 ? {} : { quality: bytes[2] }),
    ...(hasOrientation ? { orientation: unpackOrientation(bytes.subarray(orientationAt)) } : {}),
  }
  for (let i = 0; i < count; i++) {
    const at = HEADER_BYTES + i * MINUTIA_BYTES
    template.xPx[i] = view.getFloat32(at, true)
    template.yPx[i] = view.getFloat32(at + 4, true)
    template.directionRad[i] = view.getFloat32(at + 8, true)
    template.reliability[i] = view.getFloat32(at + 12, true)
    template.kind[i] = view.getUint8(at + 16)
    checkMinutia(template, i)
  }
  return template
}

/** The comparison trusts these bounds; a not-a-number fails every one of them. */
function checkMinutia(template: Template, i: number): void {
  const isInside =
    template.xPx[i] >= 0 &&
    template.xPx[i] <= template.widthPx &&
    template.yPx[i] >= 0 &&
    template.yPx[i] <= template.heightPx
  const isDirected = template.directionRad[i] >= 0 && template.directionRad[i] < 6.2832
  const isReliable = template.reliability[i] >= 0 && template.reliability[i] <= 1
  if (!isInside || !isDirected || !isReliable || template.kind[i] > KIND.bifurcation)
    throw unreadable('a minutia is impossible')
}
