import type { Canvas } from './canvas.ts'
import { CELL_PX, type Field } from './field.ts'

/**
 * Low on purpose: dry prints have clarities of 0.15 to 0.3 and still hold minutiae that match, and a
 * minutia lost here cannot be found again, while a false one is only one against many.
 */
const CLARITY_MIN = 0.12
const BLUR_PX = 6
const ISLAND_SHARE = 0.1

/** 1 where there is a finger whose ridges can be followed, else 0. Small islands beside it are dropped. */
export function fingerMask(canvas: Canvas, clarity: Field): Field {
  const mask = canvas.workspace.field(canvas.columns, canvas.rows)
  const rough = canvas.rough.view
  for (let i = 0; i < mask.values.length; i++)
    mask.values[i] = rough[i] === 1 && clarity.values[i] > CLARITY_MIN ? 1 : 0
  canvas.blur.apply(BLUR_PX, [mask])
  for (let i = 0; i < mask.values.length; i++) mask.values[i] = rough[i] === 1 && mask.values[i] > 0.5 ? 1 : 0
  dropIslands(mask)
  return mask
}

function dropIslands(mask: Field): void {
  const { columns, values } = mask
  const island = new Int32Array(values.length)
  const sizes = [0]
  const queue = new Int32Array(values.length)
  const neighbours = new Int32Array(4)
  for (let start = 0; start < values.length; start++) {
    if (values[start] === 0 || island[start] !== 0) continue
    const name = sizes.length
    let length = 0
    island[start] = name
    queue[length++] = start
    for (let head = 0; head < length; head++) {
      const cell = queue[head]
      const column = cell % columns
      neighbours[0] = column > 0 ? cell - 1 : -1
      neighbours[1] = column < columns - 1 ? cell + 1 : -1
      neighbours[2] = cell - columns
      neighbours[3] = cell + columns
      for (const next of neighbours) {
        if (next < 0 || next >= values.length || values[next] === 0 || island[next] !== 0) continue
        island[next] = name
        queue[length++] = next
      }
    }
    sizes.push(length)
  }
  const largest = Math.max(...sizes)
  for (let i = 0; i < values.length; i++) if (sizes[island[i]] < ISLAND_SHARE * largest) values[i] = 0
}

/**
 * Distance in pixels from each cell's centre to the nearest place outside the mask or the image;
 * 0 outside. By two sweeps (Borgefors 1986), good to a few per cent.
 */
export function distanceToEdge(canvas: Canvas, mask: Field): Field {
  const { columns, rows, values } = mask
  const padded = columns + 2
  const steps = new Float32Array(padded * (rows + 2))
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      steps[(row + 1) * padded + column + 1] = values[row * columns + column] === 0 ? 0 : 1e6
  const straight = 1
  const diagonal = 1.35
  const sweep = (at: number, back: number): void => {
    const lower = at + back * padded
    steps[at] = Math.min(
      steps[at],
      steps[at + back] + straight,
      steps[lower] + straight,
      steps[lower - 1] + diagonal,
      steps[lower + 1] + diagonal,
    )
  }
  for (let row = 1; row <= rows; row++)
    for (let column = 1; column <= columns; column++) sweep(row * padded + column, -1)
  for (let row = rows; row >= 1; row--)
    for (let column = columns; column >= 1; column--) sweep(row * padded + column, 1)
  const distance = canvas.workspace.field(columns, rows)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const cells = steps[(row + 1) * padded + column + 1]
      distance.values[row * columns + column] = Math.max(0, cells - 0.5) * CELL_PX
    }
  }
  return distance
}
