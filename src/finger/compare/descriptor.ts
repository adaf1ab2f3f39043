/**
 * The neighbourhood of a minutia as bits, in the minutia's own frame, so that two of them can be
 * compared without an alignment.
 *
 * Round the minutia stand CELLS points of a hexagonal lattice, and for each DIRECTIONS bits: is there a
 * neighbour near this point whose direction, relative to the minutia's, is about this? A last plane of
 * bits says which points lie on the finger at all: what was not captured says nothing.
 *
 *     words 0-3   4-7   8-11  12-15  16-19   20-23
 *           direction 0 … 4                  on the finger        (one bit a point)
 */
import { exp, TWO_PI } from '../kernels/elementary.ts'
import { type FingerArea, isInside } from './area.ts'
import type { Minutiae } from './prepare.ts'

export const CELLS = 128
export const DIRECTIONS = 5
const PLANE_WORDS = CELLS / 32
export const DESCRIPTOR_WORDS = (DIRECTIONS + 1) * PLANE_WORDS

const LATTICE_STEP_PX = 12
const SIGMA_PX = 8
const SIGMA_TURN = 0.6 / TWO_PI
const BIT_AT = 0.35
/** Beyond this a neighbour adds less than a bit needs, even to another's contribution. */
const REACH_PX = 16

const lattice = hexagonalLattice()
export const RADIUS_PX = Math.sqrt(Math.max(...lattice.map(({ x, y }) => x * x + y * y))) + REACH_PX

/** The CELLS points nearest to the middle. */
function hexagonalLattice(): { x: number; y: number }[] {
  const points: { x: number; y: number }[] = []
  for (let row = -9; row <= 9; row++) {
    for (let column = -9; column <= 9; column++) {
      points.push({
        x: LATTICE_STEP_PX * (column + (row & 1) / 2),
        y: LATTICE_STEP_PX * row * (Math.sqrt(3) / 2),
      })
    }
  }
  const rank = ({ x, y }: { x: number; y: number }): number => Math.round((x * x + y * y) * 16)
  return points.sort((a, b) => rank(a) - rank(b) || a.x - b.x || a.y - b.y).slice(0, CELLS)
}

const BIN_PX = 4
const BINS = 2 * Math.ceil(RADIUS_PX / BIN_PX)
/** Lattice points within reach of each square bin of a neighbour's position; each made when first needed. */
const nearBin: (Uint8Array | undefined)[] = Array.from({ length: BINS * BINS })

function pointsNearBin(bin: number): Uint8Array {
  nearBin[bin] ??= findPointsNearBin(bin)
  return nearBin[bin]
}

function findPointsNearBin(bin: number): Uint8Array {
  const x = ((bin % BINS) - BINS / 2 + 0.5) * BIN_PX
  const y = (Math.floor(bin / BINS) - BINS / 2 + 0.5) * BIN_PX
  const reach = REACH_PX + BIN_PX
  return Uint8Array.from(
    lattice.flatMap((point, index) => (isWithin(point.x - x, point.y - y, reach) ? [index] : [])),
  )
}

function isWithin(dx: number, dy: number, distance: number): boolean {
  return dx * dx + dy * dy < distance * distance
}

/** exp(-d² / 2σ²) by d², one entry a square pixel. */
const nearness = Float64Array.from({ length: REACH_PX * REACH_PX + 1 }, (_, squared) =>
  exp(-(squared + 0.5) / (2 * SIGMA_PX * SIGMA_PX)),
)
/** exp(-Δ² / 2σ²) by the difference of two directions in 256ths of a turn. */
const agreement = Float64Array.from({ length: 256 }, (_, difference) => {
  const turn = Math.min(difference, 256 - difference) / 256
  return exp(-(turn * turn) / (2 * SIGMA_TURN * SIGMA_TURN))
})

const sums = new Float64Array(CELLS * DIRECTIONS)

/** DESCRIPTOR_WORDS words a minutia. */
export function describe(minutiae: Minutiae, area: FingerArea): Int32Array {
  const words = new Int32Array(minutiae.count * DESCRIPTOR_WORDS)
  for (let i = 0; i < minutiae.count; i++) {
    sumNeighbours(minutiae, i)
    const at = i * DESCRIPTOR_WORDS
    for (let direction = 0; direction < DIRECTIONS; direction++) {
      for (let cell = 0; cell < CELLS; cell++) {
        if (sums[direction * CELLS + cell] > BIT_AT)
          words[at + direction * PLANE_WORDS + (cell >> 5)] |= 1 << (cell & 31)
      }
    }
    const c = minutiae.cos[i]
    const s = minutiae.sin[i]
    for (let cell = 0; cell < CELLS; cell++) {
      const { x, y } = lattice[cell]
      if (isInside(area, minutiae.xPx[i] + x * c - y * s, minutiae.yPx[i] + x * s + y * c))
        words[at + DIRECTIONS * PLANE_WORDS + (cell >> 5)] |= 1 << (cell & 31)
    }
  }
  return words
}

function sumNeighbours({ count, xPx, yPx, turn, cos, sin, reliability }: Minutiae, i: number): void {
  sums.fill(0)
  for (let j = 0; j < count; j++) {
    const dx = xPx[j] - xPx[i]
    const dy = yPx[j] - yPx[i]
    if (j === i || dx * dx + dy * dy >= RADIUS_PX * RADIUS_PX) continue
    const x = dx * cos[i] + dy * sin[i]
    const y = dy * cos[i] - dx * sin[i]
    const bin = (Math.floor(y / BIN_PX) + BINS / 2) * BINS + Math.floor(x / BIN_PX) + BINS / 2
    const weight = 0.4 + 0.6 * reliability[j]
    const relative = Math.round((turn[j] - turn[i]) * 256)
    for (const cell of pointsNearBin(bin)) {
      const ex = lattice[cell].x - x
      const ey = lattice[cell].y - y
      const squared = ex * ex + ey * ey
      if (squared > REACH_PX * REACH_PX) continue
      const near = weight * nearness[squared | 0]
      for (let direction = 0; direction < DIRECTIONS; direction++)
        sums[direction * CELLS + cell] += near * agreement[(relative - directionCentres[direction]) & 255]
    }
  }
}

const directionCentres = Int32Array.from({ length: DIRECTIONS }, (_, direction) =>
  Math.round((direction * 256) / DIRECTIONS),
)
