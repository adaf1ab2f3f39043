import type { Template } from '../template/template.ts'

const SIDE_PX_MAX = 65535
const TURN_RAD = 6.2832

/**
 * What a gallery keeps of a template. Minutiae that no finger has are left out, as a comparison leaves them out; of
 * the orientation map it keeps where there is finger, but not how clear: half the bytes of a map.
 */
export function storable(template: Template): Template {
  const { count, xPx, yPx, directionRad, reliability, kind, orientation } = template
  const kept = Array.from({ length: count }, (_, i) => i).filter(
    i =>
      xPx[i] >= 0 &&
      xPx[i] <= SIDE_PX_MAX &&
      yPx[i] >= 0 &&
      yPx[i] <= SIDE_PX_MAX &&
      directionRad[i] >= 0 &&
      directionRad[i] < TURN_RAD,
  )
  const pick = (values: Float32Array): Float32Array => Float32Array.from(kept, i => values[i])
  const side = (sidePx: number, values: Float32Array): number =>
    Math.min(
      SIDE_PX_MAX,
      kept.reduce((most, i) => Math.max(most, Math.ceil(values[i])), Math.ceil(sidePx)),
    )
  return {
    ...template,
    count: kept.length,
    widthPx: side(template.widthPx, xPx),
    heightPx: side(template.heightPx, yPx),
    xPx: pick(xPx),
    yPx: pick(yPx),
    directionRad: pick(directionRad),
    kind: Uint8Array.from(kept, i => Math.min(kind[i], 2)),
    reliability: Float32Array.from(kept, i => Math.min(1, Math.max(0, reliability[i] || 0))),
    ...(orientation === undefined
      ? {}
      : {
          orientation: {
            ...orientation,
            coherence: orientation.coherence.map(value => (value === 0 ? 0 : 255)),
          },
        }),
  }
}
