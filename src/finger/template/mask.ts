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
  const { values } = mask
  const clear = clarity.values
  for (let i = 0; i < values.length; i++) values[i] = rough[i] === 1 && clear[i] > CLARITY_MIN ? 1 : 0
  canvas.blur.apply(BLUR_PX, [mask])
  for (let i = 0; i < values.length; i++) values[i] = rough[i] === 1 && values[i] > 0.5 ? 1 : 0
  dropIslands(mask)
  return mask
}

/** Cells of one row that adjoin: from `start` up to `end`, indices into the field. */
interface Run {
  readonly start: number
  readonly end: number
  /** A run of the same island; of the one that stands for the island, itself. */
  first: Run
  /** Of the one that stands for the island: its cells. */
  size: number
}

/** By runs instead of cells, since this is half interpreted while the first finger waits. */
function dropIslands({ columns, rows, values }: Field): void {
  const runs: Run[] = []
  let above: Run[] = []
  for (let row = 0; row < rows; row++) {
    const here = runsBetween(values, row * columns, (row + 1) * columns)
    let k = 0
    for (const run of here) {
      while (k < above.length && above[k].end + columns <= run.start) k++
      for (let l = k; l < above.length && above[l].start + columns < run.end; l++) join(above[l], run)
    }
    runs.push(...here)
    above = here
  }
  const largest = runs.reduce((most, run) => Math.max(most, firstOf(run).size), 0)
  for (const run of runs) if (firstOf(run).size < ISLAND_SHARE * largest) values.fill(0, run.start, run.end)
}

function runsBetween(values: Float32Array, from: number, to: number): Run[] {
  const runs: Run[] = []
  for (let start = values.indexOf(1, from); start >= 0 && start < to; ) {
    const zero = values.indexOf(0, start)
    const end = zero < 0 || zero > to ? to : zero
    const run = { start, end, size: end - start } as Run
    run.first = run
    runs.push(run)
    start = values.indexOf(1, end)
  }
  return runs
}

function firstOf(run: Run): Run {
  let first = run
  while (first.first !== first) first = first.first
  return first
}

function join(a: Run, b: Run): void {
  const [one, other] = [firstOf(a), firstOf(b)]
  if (one === other) return
  other.first = one
  one.size += other.size
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
