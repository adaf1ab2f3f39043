import type { Frame } from '../image/frame.ts'
import { blurField, CELL_PX, type Field, newField, sampleField } from './field.ts'
import { newPlane, type Plane } from './plane.ts'

const BLUR_PX = 9 // a ridge period: wide enough to take the ridges out of the mean
const CLIP = 2.5

/** What the finger leaves on the platen, whatever the pressure and the lamp. */
export interface Normalised {
  /** Grey levels with the local mean taken out and the local deviation set to about 1. */
  readonly plane: Plane
  /** 1 where grey levels vary as on a finger, else 0. */
  readonly rough: Field
  /** Local mean and deviation of the grey levels. */
  readonly mean: Field
  readonly deviation: Field
}

/**
 * Levels out brightness and contrast. The deviation divides after a tenth of the image's own high
 * deviation was added, so that the noise of an empty platen stays small beside the ridges.
 */
export function normalise(frame: Frame): Normalised {
  const { mean, deviation } = localMoments(frame)
  const high = percentile(deviation.values, 0.85)
  const rough = newField(mean.columns, mean.rows)
  const contrastMin = Math.max(3, 0.18 * high)
  for (let i = 0; i < rough.values.length; i++) rough.values[i] = deviation.values[i] > contrastMin ? 1 : 0
  const plane = newPlane(frame.widthPx, frame.heightPx)
  for (let y = 0; y < frame.heightPx; y++) {
    for (let x = 0; x < frame.widthPx; x++) {
      const contrast = frame.pixels[y * frame.widthPx + x] - sampleField(mean, x, y)
      const level = contrast / (sampleField(deviation, x, y) + 0.1 * high + 1)
      plane.values[plane.origin + y * plane.stride + x] = Math.min(Math.max(level, -CLIP), CLIP)
    }
  }
  return { plane, rough, mean, deviation }
}

function localMoments(frame: Frame): { mean: Field; deviation: Field } {
  const { widthPx, heightPx, pixels } = frame
  const columns = Math.ceil(widthPx / CELL_PX)
  const rows = Math.ceil(heightPx / CELL_PX)
  const mean = newField(columns, rows)
  const deviation = newField(columns, rows)
  const counts = new Float32Array(columns * rows)
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const cell = Math.floor(y / CELL_PX) * columns + Math.floor(x / CELL_PX)
      const level = pixels[y * widthPx + x]
      mean.values[cell] += level
      deviation.values[cell] += level * level
      counts[cell]++
    }
  }
  for (let i = 0; i < counts.length; i++) {
    mean.values[i] /= counts[i]
    deviation.values[i] /= counts[i]
  }
  blurField(mean, BLUR_PX / CELL_PX)
  blurField(deviation, BLUR_PX / CELL_PX)
  for (let i = 0; i < counts.length; i++) {
    const variance = deviation.values[i] - mean.values[i] * mean.values[i]
    deviation.values[i] = Math.sqrt(Math.max(variance, 0))
  }
  return { mean, deviation }
}

function percentile(values: Float32Array, share: number): number {
  const sorted = values.slice().sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}
