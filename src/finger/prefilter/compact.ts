/**
 * What a large gallery keeps of a template: all that a comparison asks for, positions to an eighth of a pixel, in
 * half the bytes of `template/at-rest.ts`. Only ever in memory. Little-endian.
 *
 *     0 count u8 | count × { x u16, y u16 in eighths of a pixel, direction u16 in 65536ths of a turn,
 *                            reliability u8 in 255ths, kind u8 }
 *       orientation to the end, if any: see template/orientation-bytes.ts; every coherence 0 or 255
 */
import { TWO_PI } from '../kernels/elementary.ts'
import { packOrientation, unpackOrientation } from '../template/orientation-bytes.ts'
import { MINUTIAE_MAX, type OrientationMap, type Template } from '../template/template.ts'

const STEPS_PER_PX = 8
const MINUTIA_BYTES = 8
const POSITION_MAX = 65535

/** Minutiae that no finger has are left out. */
export function compact(template: Template): Uint8Array {
  const { xPx, yPx, directionRad, reliability, kind, orientation } = template
  const isPlace = (px: number): boolean => px >= 0 && px * STEPS_PER_PX <= POSITION_MAX
  const kept = Array.from({ length: template.count }, (_, i) => i)
    .filter(i => isPlace(xPx[i]) && isPlace(yPx[i]) && Math.abs(directionRad[i]) <= 1000)
    .slice(0, MINUTIAE_MAX)
  const map = orientation === undefined ? new Uint8Array(0) : packOrientation(maskOnly(orientation))
  const bytes = new Uint8Array(1 + kept.length * MINUTIA_BYTES + map.length)
  const view = new DataView(bytes.buffer)
  bytes[0] = kept.length
  kept.forEach((i, k) => {
    const at = 1 + k * MINUTIA_BYTES
    view.setUint16(at, Math.round(xPx[i] * STEPS_PER_PX), true)
    view.setUint16(at + 2, Math.round(yPx[i] * STEPS_PER_PX), true)
    view.setUint16(at + 4, Math.round((directionRad[i] / TWO_PI) * 65536) & 0xffff, true)
    view.setUint8(at + 6, Math.round(255 * Math.min(1, Math.max(0, reliability[i] || 0))))
    view.setUint8(at + 7, kind[i])
  })
  bytes.set(map, 1 + kept.length * MINUTIA_BYTES)
  return bytes
}

/** Of what `compact` made. Width and height, which a comparison does not ask for, are 0. */
export function expand(bytes: Uint8Array): Template {
  const count = bytes[0]
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const columns = {
    xPx: new Float32Array(count),
    yPx: new Float32Array(count),
    directionRad: new Float32Array(count),
    reliability: new Float32Array(count),
    kind: new Uint8Array(count),
  }
  for (let i = 0; i < count; i++) {
    const at = 1 + i * MINUTIA_BYTES
    columns.xPx[i] = view.getUint16(at, true) / STEPS_PER_PX
    columns.yPx[i] = view.getUint16(at + 2, true) / STEPS_PER_PX
    columns.directionRad[i] = (view.getUint16(at + 4, true) * TWO_PI) / 65536
    columns.reliability[i] = bytes[at + 6] / 255
    columns.kind[i] = bytes[at + 7]
  }
  const map = bytes.subarray(1 + count * MINUTIA_BYTES)
  const orientation = map.length === 0 ? {} : { orientation: unpackOrientation(map) }
  return { count, widthPx: 0, heightPx: 0, ...columns, ...orientation }
}

/** A comparison asks where there is finger, not how clear. */
function maskOnly(map: OrientationMap): OrientationMap {
  return { ...map, coherence: map.coherence.map(value => (value === 0 ? 0 : 255)) }
}
