/**
 * A small upright font of our own, drawn as pen strokes: the standard font of the simulated printer.
 *
 * A glyph is strokes parted by spaces; a stroke is points of two digits, column 0-4 and row 0-8, which a
 * pen joins with straight lines (a point twice is a dot). Capitals stand on row 6 and reach row 0,
 * small letters reach row 2, tails hang to row 8.
 */
const glyphs: Readonly<Record<string, string>> = {
  ' ': '',
  '!': '2024 2626',
  '"': '1012 3032',
  '#': '1115 3135 0242 0444',
  $: '413010010213334445361605 2026',
  '%': '4006 1010 3636',
  '&': '461120310405162644',
  "'": '2022',
  '(': '30212536',
  ')': '10212516',
  '*': '2125 1234 3214',
  '+': '2125 0343',
  ',': '2617',
  '-': '1333',
  '.': '2626',
  '/': '4006',
  '0': '100105163645413010 1432',
  '1': '112026 1636',
  '2': '01103041420646',
  '3': '0110304142334445361605 1333',
  '4': '36300444',
  '5': '400003334445361605',
  '6': '30100105163645443303',
  '7': '004016',
  '8': '100102133344453616050413 3342413010',
  '9': '43130201103041453616',
  ':': '2323 2626',
  ';': '2323 2617',
  '<': '410345',
  '=': '0242 0444',
  '>': '014305',
  '?': '01103041422324 2626',
  '@': '41301001051636 4144242242',
  A: '060110304146 0343',
  B: '000636454433 033342413000',
  C: '4130100105163645',
  D: '00062644422000',
  E: '40000646 0333',
  F: '400006 0333',
  G: '41301001051636454323',
  H: '0006 4046 0343',
  I: '1030 2026 1636',
  J: '3035261605',
  K: '0006 400346',
  L: '000646',
  M: '0600234046',
  N: '06004640',
  O: '100105163645413010',
  P: '06003041423303',
  Q: '100105163645413010 2446',
  R: '06003041423303 2346',
  S: '413010010213334445361605',
  T: '0040 2026',
  U: '000516364540',
  V: '002640',
  W: '0016233640',
  X: '0046 4006',
  Y: '002340 2326',
  Z: '00400646',
  '[': '30101636',
  '\\': '0046',
  ']': '10303616',
  '^': '112031',
  _: '0747',
  '`': '1021',
  a: '12324346 441405163645',
  b: '0006 0312324345361605',
  c: '4332120305163645',
  d: '4046 4332120305163645',
  e: '044443321203051636',
  f: '40302126 0242',
  g: '4332120305163645 4247381807',
  h: '0006 0312324346',
  i: '122226 1636 2020',
  j: '2232372818 3030',
  k: '0006 420446',
  l: '10202536',
  m: '0206 03122326 23324346',
  n: '0206 0312324346',
  o: '120305163645433212',
  p: '0208 0312324345361605',
  q: '4248 4332120305163645',
  r: '0206 04223243',
  s: '43321203143445361605',
  t: '20253645 0242',
  u: '0205163645 4246',
  v: '022642',
  w: '0216243642',
  x: '0246 4206',
  y: '0205163645 4247381807',
  z: '02420646',
  '{': '30212213242536',
  '|': '2027',
  '}': '10212233242516',
  '~': '03123443',
}

/** What stands in for a character that the font has not: a hollow box. */
const MISSING = '00404606 0600'

/** A cell of the standard font. */
export const CELL_WIDTH_DOTS = 12
export const CELL_HEIGHT_DOTS = 24

/**
 * One character as dots, row by row, 1 is ink: 12 × 24 dots times `scale`. The pen of bold letters is broader.
 */
export function drawGlyph(character: string, style: { bold: boolean; scale: number }): Uint8Array {
  const { bold, scale } = style
  const widthDots = CELL_WIDTH_DOTS * scale
  const heightDots = CELL_HEIGHT_DOTS * scale
  const penRadius = (bold ? 1.5 : 1) * scale
  const dots = new Uint8Array(widthDots * heightDots)
  for (const line of lines(glyphs[character] ?? MISSING)) {
    const [fromX, fromY, toX, toY] = line.map((value, i) => place(value, i % 2 === 1) * scale)
    for (let y = 0; y < heightDots; y++) {
      for (let x = 0; x < widthDots; x++) {
        if (squaredDistance(x + 0.5, y + 0.5, { fromX, fromY, toX, toY }) <= penRadius * penRadius)
          dots[y * widthDots + x] = 1
      }
    }
  }
  return dots
}

/** Where a grid line lies in the cell, in dots. */
function place(grid: number, isRow: boolean): number {
  return isRow ? 3.5 + 2.4 * grid : 2.5 + 1.75 * grid
}

/** The straight lines of a glyph, as [column, row, column, row]. */
function lines(strokes: string): number[][] {
  return strokes
    .split(' ')
    .filter(stroke => stroke !== '')
    .flatMap(stroke => {
      const grid = [...stroke].map(Number)
      return Array.from({ length: grid.length / 2 - 1 }, (_, i) => grid.slice(2 * i, 2 * i + 4))
    })
}

interface Line {
  readonly fromX: number
  readonly fromY: number
  readonly toX: number
  readonly toY: number
}

function squaredDistance(x: number, y: number, { fromX, fromY, toX, toY }: Line): number {
  const alongX = toX - fromX
  const alongY = toY - fromY
  const lengthSquared = alongX * alongX + alongY * alongY
  const part = lengthSquared === 0 ? 0 : ((x - fromX) * alongX + (y - fromY) * alongY) / lengthSquared
  const nearest = Math.min(Math.max(part, 0), 1)
  const apartX = x - fromX - nearest * alongX
  const apartY = y - fromY - nearest * alongY
  return apartX * apartX + apartY * apartY
}
