import type { Frame } from '../../image/frame.ts'
import { cos, sin, TWO_PI } from '../../kernels/elementary.ts'
import { BORDER_PX, type RidgeBlock, type RidgeBlocks } from './ridge-blocks.ts'
import { slantedBlock } from './slanted-block.ts'

const ALONG_PX = 32
const SIZE = { widthPx: 16, heightPx: ALONG_PX, padPx: BORDER_PX }
const NEIGHBOUR_WEIGHT = 0.3
const cosines = Float64Array.from({ length: ALONG_PX }, (_, i) => cos((TWO_PI * i) / ALONG_PX))
const sines = Float64Array.from({ length: ALONG_PX }, (_, i) => sin((TWO_PI * i) / ALONG_PX))

/** ISO/IEC 29794-4 FDA: the strongest frequency's share in the signature across the ridges; a value a block, 0…1. */
export function frequencyDomain(frame: Frame, { blocks }: RidgeBlocks): number[] {
  return blocks.filter(({ isForeground }) => isForeground).map(block => frequencyShare(frame, block))
}

function frequencyShare(frame: Frame, block: RidgeBlock): number {
  const { levels, widthPx } = slantedBlock(frame, block, block.acrossRad + Math.PI / 2, SIZE)
  const signature = new Float64Array(ALONG_PX)
  for (let i = 0; i < levels.length; i++) signature[Math.floor(i / widthPx)] += levels[i] / widthPx
  // Waves over the block: 1 to 15, and 16, which is counted only as a neighbour.
  const amplitudes = Array.from({ length: ALONG_PX / 2 }, (_, i) => amplitude(signature, i + 1))
  const peak = amplitudes.indexOf(Math.max(...amplitudes))
  if (peak === 0) return 1
  const sum = amplitudes.slice(0, -1).reduce((total, value) => total + value, 0)
  // Beyond the 16th wave comes the 15th again.
  const neighbours = amplitudes[peak - 1] + (amplitudes[peak + 1] ?? amplitudes[peak - 1])
  return (amplitudes[peak] + NEIGHBOUR_WEIGHT * neighbours) / sum
}

function amplitude(signature: Float64Array, waves: number): number {
  let real = 0
  let imaginary = 0
  for (let i = 0; i < ALONG_PX; i++) {
    real += signature[i] * cosines[(i * waves) % ALONG_PX]
    imaginary += signature[i] * sines[(i * waves) % ALONG_PX]
  }
  return Math.sqrt(real * real + imaginary * imaginary)
}
