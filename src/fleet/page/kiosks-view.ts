import { type Child, h } from '../../page/element.ts'
import type { KioskSummary } from '../kiosk-summary.ts'
import { type Overview, paths } from '../serve/protocol-paths.ts'
import { troubleNames } from '../trouble-names.ts'
import { choice, kioskLink, stateMark, table, troubleBadge } from './pieces.ts'
import { ask } from './server.ts'
import type { FleetTexts } from './texts/texts.ts'
import { ageWords, numberText } from './words.ts'

const PAGE = 50
const states = ['online', 'offline', 'maintenance', 'unknown'] as const

export async function kiosksView(texts: FleetTexts, query: URLSearchParams): Promise<readonly Child[]> {
  const offset = Math.max(0, Number.parseInt(query.get('offset') ?? '0', 10) || 0)
  const filters = Object.fromEntries(
    ['search', 'state', 'trouble', 'group', 'province'].map(name => [name, query.get(name) ?? '']),
  )
  const [{ fleet }, { total, kiosks }] = await Promise.all([
    ask<Overview>(paths.overview),
    ask<{ total: number; kiosks: KioskSummary[] }>(paths.kiosks, { ...filters, offset, limit: PAGE }),
  ])
  const { kiosks: words } = texts
  const all = ['', words.all] as const
  const plain = (values: readonly string[]) => values.map(value => [value, value] as const)
  return [
    h('h1', {}, words.title),
    h(
      'form',
      { class: 'row', role: 'search', 'data-form': 'filters' },
      h(
        'label',
        {},
        words.search,
        h('input', {
          name: 'search',
          type: 'search',
          maxlength: 60,
          value: filters.search,
          'data-filter': true,
        }),
      ),
      choice(
        words.state,
        'state',
        [all, ...states.map(state => [state, texts.states[state]] as const)],
        filters.state,
      ),
      choice(
        words.trouble,
        'trouble',
        [all, ['any', words.any], ...troubleNames.map(name => [name, texts.troubles[name]] as const)],
        filters.trouble,
      ),
      choice(words.group, 'group', [all, ...plain(fleet.groups)], filters.group),
      choice(words.province, 'province', [all, ...plain(fleet.provinces)], filters.province),
    ),
    total === 0
      ? h('p', {}, words.none)
      : table(
          words.found(numberText(texts, total)),
          [
            words.name,
            words.state,
            words.site,
            words.version,
            words.config,
            words.waiting,
            words.lastEnrolled,
            words.quality,
            words.troubles,
          ],
          kiosks.map(kiosk => row(texts, kiosk)),
        ),
    total > PAGE && pager(texts, query, offset, total),
  ]
}

function row(texts: FleetTexts, summary: KioskSummary) {
  const { kiosk, state, since, site, version, config, outbox, lastEnrolledAt, samples } = summary
  const queue =
    outbox === undefined
      ? '–'
      : `${numberText(texts, outbox.waiting)}${outbox.oldestAt ? ` (${ageWords(texts, outbox.oldestAt)})` : ''}`
  return [
    kioskLink(kiosk),
    [stateMark(texts, state), since === undefined ? undefined : ` ${ageWords(texts, since)}`],
    site,
    version ?? '–',
    `${config.running ?? '–'} / ${config.desired}`,
    queue,
    ageWords(texts, lastEnrolledAt),
    samples === undefined ? '–' : `${Math.round(100 * samples.goodFraction)} %`,
    summary.troubles.map(trouble => troubleBadge(texts, trouble)),
  ]
}

function pager(texts: FleetTexts, query: URLSearchParams, offset: number, total: number): Element {
  const { kiosks: words } = texts
  const to = (start: number) => {
    const next = new URLSearchParams(query)
    next.set('offset', String(start))
    return `#/kiosks?${next}`
  }
  const number = (value: number) => numberText(texts, value)
  return h(
    'p',
    { class: 'row' },
    offset > 0 && h('a', { href: to(Math.max(0, offset - PAGE)) }, words.previous),
    words.page(number(offset + 1), number(Math.min(total, offset + PAGE)), number(total)),
    offset + PAGE < total && h('a', { href: to(offset + PAGE) }, words.next),
  )
}
