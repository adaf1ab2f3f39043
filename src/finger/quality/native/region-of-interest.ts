import type { Frame } from '../../image/frame.ts'
import { gaussianBlur } from './gaussian-blur.ts'

const WHITE = 255
const ERODE_PX = 2 // to each side
const FIRST_KERNEL_PX = 41
const SECOND_KERNEL_PX = 91

export interface Grey {
  readonly widthPx: number
  readonly heightPx: number
  /** Row by row. */
  readonly levels: Uint8Array
}

/**
 * The finger's region as NFIQ 2 finds it, a byte a pixel, 1 inside: what is dark is thickened, blurred, parted from
 * the light (Otsu 1979), blurred and parted again; holes are filled, and of several parts that with the largest
 * bounding box is kept.
 */
export function regionOfInterest(frame: Frame): Uint8Array {
  const { widthPx, heightPx, pixels } = frame
  const darkened = eroded({ widthPx, heightPx, levels: pixels })
  const first = parted(gaussianBlur(darkened, FIRST_KERNEL_PX))
  const region = parted(gaussianBlur(first, SECOND_KERNEL_PX)).levels.map(level => (level === 0 ? 1 : 0))
  fillHoles(region, widthPx, heightPx)
  return largestPart(region, widthPx, heightPx)
}

/** Each pixel is as dark as the darkest near it; rows first, then columns. */
function eroded({ widthPx, heightPx, levels }: Grey): Grey {
  const across = new Uint8Array(levels.length)
  const both = new Uint8Array(levels.length)
  for (let i = 0; i < levels.length; i++) {
    const x = i % widthPx
    let darkest = WHITE
    for (let k = Math.max(-ERODE_PX, -x); k <= Math.min(ERODE_PX, widthPx - 1 - x); k++)
      darkest = Math.min(darkest, levels[i + k])
    across[i] = darkest
  }
  for (let i = 0; i < levels.length; i++) {
    const y = Math.floor(i / widthPx)
    let darkest = WHITE
    for (let k = Math.max(-ERODE_PX, -y); k <= Math.min(ERODE_PX, heightPx - 1 - y); k++)
      darkest = Math.min(darkest, across[i + k * widthPx])
    both[i] = darkest
  }
  return { widthPx, heightPx, levels: both }
}

/** Black or white, parted where the two classes' means lie farthest apart (Otsu). */
function parted({ widthPx, heightPx, levels }: Grey): Grey {
  const histogram = new Float64Array(256)
  for (const level of levels) histogram[level]++
  const total = histogram.reduce((sum, count, level) => sum + count * level, 0)
  let darkCount = 0
  let darkSum = 0
  let best = 0
  let threshold = 0
  for (let level = 0; level < 256; level++) {
    darkCount += histogram[level]
    darkSum += histogram[level] * level
    const lightCount = levels.length - darkCount
    if (darkCount === 0 || lightCount === 0) continue
    const apart = darkSum / darkCount - (total - darkSum) / lightCount
    const between = darkCount * lightCount * apart * apart
    if (between > best) {
      best = between
      threshold = level
    }
  }
  return { widthPx, heightPx, levels: levels.map(level => (level > threshold ? WHITE : 0)) }
}

/** What cannot be reached from the image's edge without crossing the region belongs to it. */
function fillHoles(region: Uint8Array, widthPx: number, heightPx: number): void {
  const OUTSIDE = 2
  const edge: number[] = []
  for (let x = 0; x < widthPx; x++) edge.push(x, (heightPx - 1) * widthPx + x)
  for (let y = 0; y < heightPx; y++) edge.push(y * widthPx, (y + 1) * widthPx - 1)
  for (const at of edge) if (region[at] === 0) flood(region, widthPx, at, OUTSIDE)
  for (let i = 0; i < region.length; i++) region[i] = region[i] === OUTSIDE ? 0 : 1
}

function largestPart(region: Uint8Array, widthPx: number, heightPx: number): Uint8Array {
  const part = new Uint8Array(widthPx * heightPx)
  let largest = 0
  let name = 1
  let kept = 0
  for (let i = 0; i < region.length; i++) {
    if (region[i] !== 1 || name === 255) continue
    const boxPx = flood(region, widthPx, i, ++name)
    if (boxPx > largest) {
      largest = boxPx
      kept = name
    }
  }
  for (let i = 0; i < region.length; i++) part[i] = kept > 0 && region[i] === kept ? 1 : 0
  return part
}

/** Renames all that hangs together with `start` by its sides; gives back the area of its bounding box. */
function flood(region: Uint8Array, widthPx: number, start: number, name: number): number {
  const from = region[start]
  const box = { left: widthPx, right: 0, top: region.length, bottom: 0 }
  const waiting = [start]
  region[start] = name
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const x = at % widthPx
    const y = Math.floor(at / widthPx)
    box.left = Math.min(box.left, x)
    box.right = Math.max(box.right, x)
    box.top = Math.min(box.top, y)
    box.bottom = Math.max(box.bottom, y)
    const neighbours = [at - widthPx, at + widthPx]
    if (x > 0) neighbours.push(at - 1)
    if (x < widthPx - 1) neighbours.push(at + 1)
    for (const next of neighbours) {
      if (region[next] !== from) continue
      region[next] = name
      waiting.push(next)
    }
  }
  return (box.right - box.left + 1) * (box.bottom - box.top + 1)
}
