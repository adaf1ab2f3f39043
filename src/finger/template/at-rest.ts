/**
 * Templates in our own store: everything that the comparison uses, to the last bit, so that a score
 * never depends on whether a template was stored meanwhile. Little-endian.
 *
 *      0 version u8 = 1
 *      1 flags u8: 1 has quality, 2 has orientation
 *      2 quality u8
 *      3 count u8
 *      4 width u16, height u16, pixels at 500 dpi
 *      8 count × { x f32, y f32, direction f32, reliability f32, kind u8 }
 *        orientation, if any: cell u8, columns u16, rows u16, length u32, and that many bytes of raw deflate of
 *        all angles, then all coherences, each less its left neighbour's (they change slowly: a third of the size)
 */
import { strict as assert } from 'node:assert'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { unreadable } from './minutiae-bytes.ts'
import { KIND, MINUTIAE_MAX, type OrientationMap, type Template } from './template.ts'

const VERSION = 1
const HEADER_BYTES = 8
const MINUTIA_BYTES = 17
const ORIENTATION_BYTES = 9
const HAS_QUALITY = 1
const HAS_ORIENTATION = 2

/** A cell for every four pixels of the largest image. */
const CELLS_MAX = 1_000_000

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

function packOrientation({ cellPx, columns, rows, angle, coherence }: OrientationMap): Uint8Array {
  assert(angle.length === columns * rows && coherence.length === columns * rows)
  const differences = new Uint8Array(2 * columns * rows)
  for (let i = 0; i < columns * rows; i++) {
    differences[i] = angle[i] - (i === 0 ? 0 : angle[i - 1])
    differences[columns * rows + i] = coherence[i] - (i === 0 ? 0 : coherence[i - 1])
  }
  const deflated = deflateRawSync(differences)
  const bytes = new Uint8Array(ORIENTATION_BYTES + deflated.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, cellPx)
  view.setUint16(1, columns, true)
  view.setUint16(3, rows, true)
  view.setUint32(5, deflated.length, true)
  bytes.set(deflated, ORIENTATION_BYTES)
  return bytes
}

function unpackOrientation(bytes: Uint8Array): OrientationMap {
  if (bytes.length < ORIENTATION_BYTES) throw unreadable('its orientation is cut short')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const cellPx = view.getUint8(0)
  const columns = view.getUint16(1, true)
  const rows = view.getUint16(3, true)
  const cells = columns * rows
  if (cellPx === 0 || cells === 0 || cells > CELLS_MAX)
    throw unreadable('its orientation has an impossible size')
  if (view.getUint32(5, true) !== bytes.length - ORIENTATION_BYTES)
    throw unreadable('its length is not what its header says')
  const differences = inflate(bytes.subarray(ORIENTATION_BYTES), 2 * cells)
  const angle = new Uint8Array(cells)
  const coherence = new Uint8Array(cells)
  for (let i = 0; i < cells; i++) {
    angle[i] = differences[i] + (i === 0 ? 0 : angle[i - 1])
    coherence[i] = differences[cells + i] + (i === 0 ? 0 : coherence[i - 1])
  }
  return { cellPx, columns, rows, angle, coherence }
}

function inflate(deflated: Uint8Array, bytes: number): Uint8Array {
  let inflated: Uint8Array
  try {
    inflated = inflateRawSync(deflated, { maxOutputLength: bytes })
  } catch {
    throw unreadable('its orientation is damaged')
  }
  if (inflated.length !== bytes) throw unreadable('its orientation is cut short')
  return inflated
}
