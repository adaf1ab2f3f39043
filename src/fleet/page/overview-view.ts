import { type Child, h } from '../../page/element.ts'
import { spanText } from '../age.ts'
import type { BacklogKind, BacklogRow, Drain } from '../backlog.ts'
import type { HistoryPoint } from '../room/history.ts'
import { type Overview, paths } from '../serve/protocol-paths.ts'
import type { TroubleName } from '../trouble-names.ts'
import { flowChart } from './chart.ts'
import { choice, kioskLink, table, tile } from './pieces.ts'
import { ask } from './server.ts'
import type { FleetTexts } from './texts/texts.ts'
import { ageWords, dateText, numberText, timeText } from './words.ts'

const kinds = ['province', 'site', 'kiosk'] as const
const spans = [6, 24, 168, 720] as const

export async function overviewView(texts: FleetTexts, query: URLSearchParams): Promise<readonly Child[]> {
  const by = kinds.find(kind => kind === query.get('by')) ?? 'province'
  const hours = spans.find(span => String(span) === query.get('hours')) ?? 24
  const [overview, backlog, history] = await Promise.all([
    ask<Overview>(paths.overview),
    ask<{ total: number; rows: BacklogRow[] }>(paths.backlog, { by }),
    ask<{ points: HistoryPoint[] }>(paths.history, { hours }),
  ])
  return [
    h('h1', {}, texts.overview.title),
    !overview.isConnected && h('p', { class: 'note bad', role: 'status' }, texts.noBroker),
    ...lapseNotes(texts, overview),
    overview.abis.length === 0 && h('p', { class: 'note' }, texts.overview.noAbis),
    tiles(texts, overview),
    h('h2', {}, texts.overview.attention),
    troubles(texts, overview),
    h('h2', {}, texts.flow.title),
    h(
      'div',
      { class: 'row' },
      choice(
        texts.flow.span,
        'hours',
        spans.map(span => [String(span), texts.flow.spans[span]]),
        String(hours),
      ),
    ),
    ...flowChart(texts, history.points),
    h('h2', {}, texts.backlog.title),
    h(
      'div',
      { class: 'row' },
      choice(
        texts.backlog.by,
        'by',
        kinds.map(kind => [kind, texts.backlog.kinds[kind]]),
        by,
      ),
    ),
    backlogTable(texts, by, backlog),
  ]
}

function lapseNotes(texts: FleetTexts, { abis }: Overview): readonly Element[] {
  return abis.flatMap(({ abis: name, lapses }) =>
    lapses.map(({ what, whose, until, level }) => {
      const words = `${texts.lapses.what[what]} ${whose ?? name}`
      const date = dateText(texts, until)
      const isBad = level === 'lapsed' || level === 'urgent'
      const text = level === 'lapsed' ? texts.lapses.lapsed(words, date) : texts.lapses.until(words, date)
      return h('p', { class: isBad ? 'note bad' : 'note' }, text)
    }),
  )
}

function tiles(texts: FleetTexts, { fleet, backlog, drain }: Overview): Element {
  const { overview } = texts
  const number = (value: number) => numberText(texts, value)
  return h(
    'dl',
    { class: 'tiles' },
    tile(
      overview.kiosks,
      number(fleet.kiosks),
      Object.entries(fleet.states)
        .map(([state, count]) => `${number(count)} ${texts.states[state as 'online'].toLowerCase()}`)
        .join(', '),
    ),
    tile(overview.waitingAtKiosks, number(backlog.atKiosk)),
    tile(overview.waitingAtCentre, number(backlog.atCentral)),
    tile(overview.adjudicate, number(backlog.adjudicate)),
    tile(overview.printReady, number(backlog.printReady)),
    tile(
      overview.oldest,
      ageWords(texts, backlog.oldestAt),
      backlog.oldestAt && timeText(texts, backlog.oldestAt),
    ),
    tile(overview.today, drainText(texts, drain, drain.seconds), overview.perSecond(number(drain.perSecond))),
    drain.licensedPerSecond === undefined
      ? undefined
      : tile(
          overview.licensed,
          drainText(texts, drain, drain.licensedSeconds),
          overview.perSecond(number(drain.licensedPerSecond)),
        ),
  )
}

function drainText({ overview, units }: FleetTexts, { waiting }: Drain, seconds: number | undefined): string {
  if (waiting === 0) return overview.nobody
  return seconds === undefined ? overview.never : spanText(seconds, units)
}

function troubles(texts: FleetTexts, { fleet }: Overview): Element {
  const names = Object.entries(fleet.troubles).sort(([, a], [, b]) => b - a)
  if (names.length === 0) return h('p', {}, texts.overview.allWell)
  return h(
    'ul',
    {},
    ...names.map(([name, count]) =>
      h(
        'li',
        {},
        h(
          'a',
          { href: `#/kiosks?trouble=${name}` },
          `${texts.troubles[name as TroubleName]}: ${numberText(texts, count)}`,
        ),
      ),
    ),
  )
}

function backlogTable(
  texts: FleetTexts,
  by: BacklogKind,
  { total, rows }: { total: number; rows: readonly BacklogRow[] },
): Element {
  const { overview, backlog } = texts
  const nameOf = (name: string): Child => {
    if (name === '') return backlog.notSaid
    return by === 'kiosk' ? kioskLink(name) : name
  }
  return table(
    backlog.more(rows.length, total),
    [
      backlog.kinds[by],
      overview.oldest,
      overview.waitingAtKiosks,
      overview.waitingAtCentre,
      overview.adjudicate,
      overview.printReady,
      overview.duplicate,
      overview.failed,
      overview.missing,
    ],
    rows.map(row => [
      nameOf(row.name),
      ageWords(texts, row.oldestAt),
      ...[
        row.atKiosk,
        row.atCentral,
        row.adjudicate,
        row.printReady,
        row.duplicate,
        row.failed,
        row.missing,
      ].map(count => numberText(texts, count)),
    ]),
    [2, 3, 4, 5, 6, 7, 8],
  )
}
