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
 *
 * `kernels/assembly/comparison/describe.ts` fills them in; its tables are made here.
 */
import { exp, TWO_PI } from '../kernels/elementary.ts'
import { kernels } from './kernels.ts'

const CELLS = 128
const DIRECTIONS = 5
export const DESCRIPTOR_BYTES = ((DIRECTIONS + 1) * CELLS) / 8

const LATTICE_STEP_PX = 12
const LATTICE_MIDDLE = 9
const LATTICE_SIDE = 2 * LATTICE_MIDDLE + 1
const SIGMA_PX = 8
const SIGMA_TURN = 0.6 / TWO_PI
/** Beyond this a neighbour adds less than a bit needs, even to another's contribution. */
const REACH_PX = 16

interface LatticePoint {
  readonly x: number
  readonly y: number
  readonly place: number
}

/** The CELLS points nearest to the middle. */
function hexagonalLattice(): LatticePoint[] {
  const points: LatticePoint[] = []
  for (let row = -LATTICE_MIDDLE; row <= LATTICE_MIDDLE; row++) {
    for (let column = -LATTICE_MIDDLE; column <= LATTICE_MIDDLE; column++) {
      points.push({
        x: LATTICE_STEP_PX * (column + (row & 1) / 2),
        y: LATTICE_STEP_PX * row * (Math.sqrt(3) / 2),
        place: (row + LATTICE_MIDDLE) * LATTICE_SIDE + column + LATTICE_MIDDLE,
      })
    }
  }
  const rank = ({ x, y }: LatticePoint): number => Math.round((x * x + y * y) * 16)
  return points.sort((a, b) => rank(a) - rank(b) || a.x - b.x || a.y - b.y).slice(0, CELLS)
}

const floats = (pointer: number, length: number): Float32Array =>
  new Float32Array(kernels.memory.buffer, pointer, length)

/** Made before the first print is described. */
function writeTables(): number {
  const lattice = hexagonalLattice()
  const cellOf = new Uint8Array(kernels.memory.buffer, kernels.cellOfAt(), LATTICE_SIDE * LATTICE_SIDE)
  cellOf.fill(255)
  const cellX = floats(kernels.cellXAt(), CELLS)
  const cellY = floats(kernels.cellYAt(), CELLS)
  lattice.forEach(({ x, y, place }, cell) => {
    cellOf[place] = cell
    cellX[cell] = x
    cellY[cell] = y
  })
  const nearness = floats(kernels.nearnessAt(), REACH_PX * REACH_PX + 1)
  for (let squared = 0; squared < nearness.length; squared++)
    nearness[squared] = exp(-(squared + 0.5) / (2 * SIGMA_PX * SIGMA_PX))
  const agreement = floats(kernels.agreementAt(), 256)
  for (let difference = 0; difference < 256; difference++) {
    const turn = Math.min(difference, 256 - difference) / 256
    agreement[difference] = exp(-(turn * turn) / (2 * SIGMA_TURN * SIGMA_TURN))
  }
  return Math.sqrt(Math.max(...lattice.map(({ x, y }) => x * x + y * y))) + REACH_PX
}

let radiusPx: number | undefined

/**
 * Fills in the descriptors of the print at `print` in the kernels' memory. `turn` are its minutiae's directions,
 * 0…1.
 */
export function describe(print: number, turn: ArrayLike<number>): void {
  radiusPx ??= writeTables()
  const turns = new Int32Array(kernels.memory.buffer, kernels.turnsAt(), turn.length)
  for (let i = 0; i < turn.length; i++) turns[i] = Math.round(turn[i] * 65536)
  kernels.describe(print, radiusPx)
}
