import { exp } from '../../kernels/elementary.ts'
import type { Grey } from './region-of-interest.ts'

const ONE = 256 // the kernel's fixed point

/**
 * A Gaussian mean of grey levels over `kernelPx` (odd) pixels, mirrored at the edges without the edge itself.
 *
 * The kernel is rounded to 1/256, each rounding's rest going to the next: NFIQ 2's library does so, and with a wide
 * kernel that moves the threshold which follows.
 */
export function gaussianBlur({ widthPx, heightPx, levels }: Grey, kernelPx: number): Grey {
  const kernel = kernelOf(kernelPx)
  const half = (kernelPx - 1) / 2
  const across = new Uint32Array(levels.length)
  const columns = Int32Array.from({ length: widthPx + 2 * half }, (_, i) => mirrored(i - half, widthPx))
  for (let y = 0; y < heightPx; y++) {
    const line = levels.subarray(y * widthPx, (y + 1) * widthPx)
    const wide = Uint8Array.from(columns, x => line[x])
    for (let x = 0; x < widthPx; x++) {
      let sum = 0
      for (let k = 0; k < kernelPx; k++) sum += kernel[k] * wide[x + k]
      across[y * widthPx + x] = sum
    }
  }
  const blurred = new Uint8Array(levels.length)
  for (let y = 0; y < heightPx; y++) {
    const lines = Array.from(kernel, (_, k) => mirrored(y + k - half, heightPx) * widthPx)
    for (let x = 0; x < widthPx; x++) {
      let sum = ONE * (ONE / 2)
      for (let k = 0; k < kernelPx; k++) sum += kernel[k] * across[lines[k] + x]
      blurred[y * widthPx + x] = Math.floor(sum / (ONE * ONE))
    }
  }
  return { widthPx, heightPx, levels: blurred }
}

function kernelOf(kernelPx: number): Float64Array {
  const half = (kernelPx - 1) / 2
  const sigmaPx = 0.3 * (half - 1) + 0.8
  const exact = Float64Array.from({ length: kernelPx }, (_, i) =>
    exp(-((i - half) * (i - half)) / (2 * sigmaPx * sigmaPx)),
  )
  const total = exact.reduce((sum, value) => sum + value, 0)
  const kernel = new Float64Array(kernelPx)
  let rest = 0
  let sum = 0
  for (let i = 0; i < half; i++) {
    const wanted = (exact[i] / total) * ONE + rest
    const rounded = Math.round(wanted)
    rest = wanted - rounded
    kernel[i] = rounded
    kernel[kernelPx - 1 - i] = rounded
    sum += 2 * rounded
  }
  kernel[half] = ONE - sum
  return kernel
}

function mirrored(at: number, length: number): number {
  if (length === 1) return 0
  const period = 2 * (length - 1)
  const folded = ((at % period) + period) % period
  return folded < length ? folded : period - folded
}
