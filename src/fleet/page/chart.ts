/** The cumulative flow of records: what came in, what came out, and between the lines who waits. */
import { h } from '../../page/element.ts'
import type { HistoryPoint } from '../room/history.ts'
import type { FleetTexts } from './texts/texts.ts'
import { numberText } from './words.ts'

const WIDTH = 900
const HEIGHT = 300
const LEFT = 70
const BOTTOM = 40
const TOP = 12
const LINES = 4

interface Series {
  readonly name: string
  readonly className: string
  readonly values: readonly number[]
}

export function flowChart(texts: FleetTexts, points: readonly HistoryPoint[]): readonly Element[] {
  const [first] = points
  const last = points.at(-1)
  if (first === undefined || last === undefined || points.length < 2) return [h('p', {}, texts.flow.tooShort)]
  // From the beginning of the span on: totals of years would hide what happens today.
  const received = points.map(point => Math.max(0, point.received - first.received))
  const printReady = points.map(point => Math.max(0, point.printReady - first.printReady))
  const series: readonly Series[] = [
    { name: texts.flow.received, className: 'received', values: received },
    { name: texts.flow.printReady, className: 'print-ready', values: printReady },
    { name: texts.flow.waiting, className: 'waiting', values: points.map(point => point.atCentral) },
  ]
  const summary = texts.flow.summary(
    numberText(texts, received.at(-1) ?? 0),
    numberText(texts, printReady.at(-1) ?? 0),
    numberText(texts, last.atCentral),
  )
  return [h('p', {}, summary), drawing(texts, points, series, summary), legend(series)]
}

function drawing(
  texts: FleetTexts,
  points: readonly HistoryPoint[],
  series: readonly Series[],
  summary: string,
): Element {
  const times = points.map(({ at }) => Date.parse(at))
  const [fromMs, toMs] = [times[0], times[times.length - 1]]
  const top = niceTop(Math.max(1, ...series.flatMap(({ values }) => values)))
  const x = (ms: number) => LEFT + ((WIDTH - LEFT - 20) * (ms - fromMs)) / Math.max(1, toMs - fromMs)
  const y = (value: number) => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * value) / top
  const steps = Array.from({ length: LINES + 1 }, (_, step) => (top * step) / LINES)
  const ticks = Array.from({ length: 5 }, (_, tick) => fromMs + ((toMs - fromMs) * tick) / 4)
  const isLong = toMs - fromMs > 2 * 86_400_000
  const format = new Intl.DateTimeFormat(
    texts.locale,
    isLong ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit' },
  )
  return h(
    'svg',
    { class: 'chart', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': summary },
    ...steps.flatMap(value => [
      h('line', {
        class: value === 0 ? 'axis' : 'grid',
        x1: LEFT,
        x2: WIDTH - 20,
        y1: y(value),
        y2: y(value),
      }),
      h('text', { x: LEFT - 8, y: y(value) + 4, 'text-anchor': 'end' }, numberText(texts, value)),
    ]),
    ...ticks.map((ms, tick) =>
      h(
        'text',
        { x: x(ms), y: HEIGHT - 14, 'text-anchor': tick === 4 ? 'end' : tick === 0 ? 'start' : 'middle' },
        format.format(new Date(ms)),
      ),
    ),
    ...series.map(({ className, values }) =>
      h('polyline', {
        class: className,
        points: values
          .map((value, index) => `${x(times[index]).toFixed(1)},${y(value).toFixed(1)}`)
          .join(' '),
      }),
    ),
  )
}

function legend(series: readonly Series[]): Element {
  return h(
    'ul',
    { class: 'legend' },
    ...series.map(({ name, className }) =>
      h(
        'li',
        {},
        h(
          'svg',
          { class: 'chart', viewBox: '0 0 40 10', 'aria-hidden': 'true' },
          h('polyline', { class: className, points: '0,5 40,5' }),
        ),
        name,
      ),
    ),
  )
}

/** 1, 2, 4 or 8 of a power of ten at least: its quarters are short numbers. */
function niceTop(value: number): number {
  let unit = 1
  while (unit * 10 < value) unit *= 10
  return unit * ([1, 2, 4, 8, 10].find(factor => unit * factor >= value) ?? 10)
}
