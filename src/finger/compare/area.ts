import type { OrientationMap, Template } from '../template/template.ts'
import type { Minutiae } from './prepare.ts'

/**
 * Where on the image there is a finger: a grid of square cells, 1 for finger. Cell (0, 0) has its
 * corner at (leftPx, topPx). Everything outside the grid is no finger.
 */
export interface FingerArea {
  readonly cellPx: number
  readonly leftPx: number
  readonly topPx: number
  readonly columns: number
  readonly rows: number
  readonly cells: Uint8Array
}

const HULL_CELL_PX = 8
/** A finger reaches about one ridge period beyond its outermost minutiae. */
const HULL_MARGIN_PX = 14
/** A side of the grid: 1,024 px are 52 mm, more than any finger is long. */
const SIDE_CELLS_MAX = 128

/** From the orientation map; where a template has none, the convex hull of its minutiae and a margin. */
export function areaOf({ orientation }: Template, minutiae: Minutiae): FingerArea {
  return orientation === undefined ? hullArea(minutiae) : mapArea(orientation)
}

/** The rectangle of the map that holds the finger, in cells as large as needed for it to fit. */
function mapArea({ cellPx, columns, rows, coherence }: OrientationMap): FingerArea {
  let [left, right, top, bottom] = [columns, -1, rows, -1]
  for (let cell = 0; cell < columns * rows; cell++) {
    if (coherence[cell] === 0) continue
    const row = Math.floor(cell / columns)
    left = Math.min(left, cell - row * columns)
    right = Math.max(right, cell - row * columns)
    top = Math.min(top, row)
    bottom = row
  }
  const step = Math.max(1, Math.ceil((Math.max(right - left, bottom - top) + 1) / SIDE_CELLS_MAX))
  const columnsKept = Math.max(0, Math.ceil((right - left + 1) / step))
  const rowsKept = Math.max(0, Math.ceil((bottom - top + 1) / step))
  const cells = new Uint8Array(columnsKept * rowsKept)
  for (let row = 0; row < rowsKept; row++) {
    for (let column = 0; column < columnsKept; column++) {
      const from = (top + row * step) * columns + left + column * step
      cells[row * columnsKept + column] = coherence[from] > 0 ? 1 : 0
    }
  }
  return {
    cellPx: cellPx * step,
    leftPx: left * cellPx,
    topPx: top * cellPx,
    columns: columnsKept,
    rows: rowsKept,
    cells,
  }
}

export function isInside(area: FingerArea, xPx: number, yPx: number): boolean {
  const column = Math.floor((xPx - area.leftPx) / area.cellPx)
  const row = Math.floor((yPx - area.topPx) / area.cellPx)
  if (!(column >= 0 && row >= 0 && column < area.columns && row < area.rows)) return false
  return area.cells[row * area.columns + column] === 1
}

function hullArea({ count, xPx, yPx }: Minutiae): FingerArea {
  const cellPx = HULL_CELL_PX
  if (count === 0) return { cellPx, leftPx: 0, topPx: 0, columns: 0, rows: 0, cells: new Uint8Array(0) }
  const leftPx = Math.min(...xPx) - HULL_MARGIN_PX
  const topPx = Math.min(...yPx) - HULL_MARGIN_PX
  const sideCells = (spanPx: number): number =>
    Math.min(SIDE_CELLS_MAX, Math.ceil((spanPx + HULL_MARGIN_PX) / cellPx))
  const columns = sideCells(Math.max(...xPx) - leftPx)
  const rows = sideCells(Math.max(...yPx) - topPx)
  const hull = convexHull(Array.from({ length: count }, (_, i) => ({ x: xPx[i], y: yPx[i] })))
  const cells = new Uint8Array(columns * rows)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const point = { x: leftPx + (column + 0.5) * cellPx, y: topPx + (row + 0.5) * cellPx }
      cells[row * columns + column] = isNearHull(hull, point) ? 1 : 0
    }
  }
  return { cellPx, leftPx, topPx, columns, rows, cells }
}

type Point = { readonly x: number; readonly y: number }

function cross(o: Point, a: Point, b: Point): number {
  return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x)
}

/** Andrew's monotone chain: the corners in order, without repeats. */
function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y)
  const chain = (ordered: readonly Point[]): Point[] => {
    const corners: Point[] = []
    for (const point of ordered) {
      while (
        corners.length > 1 &&
        cross(corners[corners.length - 2], corners[corners.length - 1], point) <= 0
      )
        corners.pop()
      corners.push(point)
    }
    corners.pop()
    return corners
  }
  const hull = [...chain(sorted), ...chain(sorted.reverse())]
  return hull.length > 0 ? hull : [sorted[0]]
}

/** Inside the hull or at most the margin outside it. */
function isNearHull(hull: readonly Point[], point: Point): boolean {
  let inside = true
  for (let i = 0; i < hull.length; i++) {
    const from = hull[i]
    const to = hull[(i + 1) % hull.length]
    if (distanceToSegment(from, to, point) <= HULL_MARGIN_PX) return true
    if (cross(from, to, point) < 0) inside = false
  }
  return inside && hull.length > 2
}

function distanceToSegment(from: Point, to: Point, point: Point): number {
  const dx = to.x - from.x
  const dy = to.y - from.y
  const lengthSquared = dx * dx + dy * dy
  const along = lengthSquared === 0 ? 0 : ((point.x - from.x) * dx + (point.y - from.y) * dy) / lengthSquared
  const t = Math.min(1, Math.max(0, along))
  const ex = point.x - from.x - t * dx
  const ey = point.y - from.y - t * dy
  return Math.sqrt(ex * ex + ey * ey)
}
