export interface Growth {
  readonly gallery: number
  readonly cpuMsMedian: number
  /** Undefined where nothing is said about it. */
  readonly hitRate?: number
}

const WIDTH = 640
const HEIGHT = 400
const MARGIN = { left: 70, right: 40, top: 40, bottom: 60 }

/** How long a search takes as the gallery grows, as SVG: both by powers of ten; each point says what share it finds. */
export function growthPlot(points: readonly Growth[]): string {
  const ends = (values: readonly number[]): [number, number] => [
    Math.floor(Math.log10(Math.min(...values))),
    Math.ceil(Math.log10(Math.max(...values))),
  ]
  const [left, right] = ends(points.map(({ gallery }) => gallery))
  const [bottom, top] = ends(points.map(({ cpuMsMedian }) => cpuMsMedian))
  const x = (gallery: number): number =>
    MARGIN.left + ((Math.log10(gallery) - left) / (right - left)) * (WIDTH - MARGIN.left - MARGIN.right)
  const y = (ms: number): number =>
    HEIGHT -
    MARGIN.bottom -
    ((Math.log10(ms) - bottom) / (top - bottom)) * (HEIGHT - MARGIN.top - MARGIN.bottom)
  const text = (atX: number, atY: number, anchor: string, words: string): string =>
    `<text x="${atX.toFixed(1)}" y="${atY.toFixed(1)}" text-anchor="${anchor}">${words}</text>`
  const powers = (from: number, to: number): number[] =>
    Array.from({ length: to - from + 1 }, (_, k) => 10 ** (from + k))
  const grid = powers(bottom, top).map(ms => {
    const line = `<path d="M${MARGIN.left} ${y(ms).toFixed(1)}H${WIDTH - MARGIN.right}" stroke="#ddd"/>`
    return line + text(MARGIN.left - 8, y(ms) + 4, 'end', String(ms))
  })
  const ticks = powers(left, right).map(size =>
    text(x(size), HEIGHT - MARGIN.bottom + 20, 'middle', size.toLocaleString('en')),
  )
  const line = points.map(
    ({ gallery, cpuMsMedian }) => `${x(gallery).toFixed(1)},${y(cpuMsMedian).toFixed(1)}`,
  )
  const dots = points.map(
    ({ gallery, cpuMsMedian, hitRate }) =>
      `<circle cx="${x(gallery).toFixed(1)}" cy="${y(cpuMsMedian).toFixed(1)}" r="4"/>` +
      text(
        x(gallery) - 8,
        y(cpuMsMedian) - 10,
        'end',
        `${Math.round(cpuMsMedian)} ms${hitRate === undefined ? '' : `, ${(100 * hitRate).toFixed(1)} %`}`,
      ),
  )
  const titles = [
    text(WIDTH / 2, HEIGHT - 12, 'middle', 'fingers in the gallery'),
    text(MARGIN.left, 20, 'start', 'processor time of a search in ms, and mates found'),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#fff"/>
${[...grid, ...ticks, ...titles].join('\n')}
<g fill="#0b5fa5"><polyline points="${line.join(' ')}" fill="none" stroke="#0b5fa5" stroke-width="2"/>${dots.join('')}</g>
</svg>
`
}
