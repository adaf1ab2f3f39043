import { DISCARDED } from './discard.ts'

const WIDTH = 640
const HEIGHT = 400
const MARGIN = { left: 70, right: 120, top: 30, bottom: 60 }
const COLOURS = ['#0b5fa5', '#c4570a', '#4a7a2a']

/** The curves as SVG: share discarded across, FNMR upwards, both in per cent. */
export function discardPlot(curves: ReadonlyMap<string, readonly number[]>): string {
  const highest = Math.max(...[...curves.values()].flat(), 0.001)
  const top = Math.ceil(highest * 500) / 500
  const x = (share: number): number =>
    MARGIN.left + (share / DISCARDED[DISCARDED.length - 1]) * (WIDTH - MARGIN.left - MARGIN.right)
  const y = (fnmr: number): number =>
    HEIGHT - MARGIN.bottom - (fnmr / top) * (HEIGHT - MARGIN.top - MARGIN.bottom)
  const text = (atX: number, atY: number, anchor: string, words: string): string =>
    `<text x="${atX.toFixed(1)}" y="${atY.toFixed(1)}" text-anchor="${anchor}">${words}</text>`
  const grid = [0, 0.25, 0.5, 0.75, 1].map(part => {
    const level = y(part * top).toFixed(1)
    const line = `<path d="M${MARGIN.left} ${level}H${WIDTH - MARGIN.right}" stroke="#ddd"/>`
    return line + text(MARGIN.left - 8, y(part * top) + 4, 'end', (100 * part * top).toFixed(2))
  })
  const ticks = DISCARDED.map(share =>
    text(x(share), HEIGHT - MARGIN.bottom + 20, 'middle', (100 * share).toFixed(0)),
  )
  const lines = [...curves].map(([name, curve], index) => {
    const points = curve.map((fnmr, at) => `${x(DISCARDED[at]).toFixed(1)},${y(fnmr).toFixed(1)}`)
    const colour = COLOURS[index % COLOURS.length]
    const label = text(WIDTH - MARGIN.right + 8, y(curve[curve.length - 1]) + 4, 'start', name)
    return `<g fill="${colour}"><polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>${label}</g>`
  })
  const titles = [
    text(WIDTH / 2, HEIGHT - 12, 'middle', 'samples of worst quality left out, %'),
    text(MARGIN.left, 18, 'start', 'FNMR at FMR 0.1 %, in %, mean of the sets'),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#fff"/>
${[...grid, ...ticks, ...lines, ...titles].join('\n')}
</svg>
`
}
