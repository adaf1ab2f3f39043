import { type Child, h } from '../../page/element.ts'
import type { RemoteCommandName } from '../../settings/remote-command.ts'
import { spanText } from '../age.ts'
import { mayAs, type Role } from '../room/roles.ts'
import type { TimelineEntry } from '../room/timeline.ts'
import { type KioskPage, paths } from '../serve/protocol-paths.ts'
import type { TroubleName } from '../trouble-names.ts'
import { facts, stateMark, table, troubleBadge } from './pieces.ts'
import { ask, ServerError } from './server.ts'
import type { FleetTexts } from './texts/texts.ts'
import { ageWords, numberText, timeText } from './words.ts'

export async function kioskView(
  texts: FleetTexts,
  id: string,
  role: Role,
  said: string | undefined,
): Promise<readonly Child[]> {
  const { kiosk: words } = texts
  const back = h('p', {}, h('a', { href: '#/kiosks' }, `← ${words.back}`))
  const page = await ask<KioskPage>(paths.kiosk, { id }).catch(error => {
    if (error instanceof ServerError && error.status === 404) return undefined
    throw error
  })
  if (page === undefined) return [back, h('h1', {}, id), h('p', {}, words.unknown)]
  return [
    back,
    h('h1', {}, id),
    h('p', {}, ...page.summary.troubles.map(trouble => troubleBadge(texts, trouble))),
    ...(mayAs(role, 'operator') ? commanding(texts, page, said) : []),
    h('h2', {}, words.now),
    now(texts, page),
    h('h2', {}, words.parts),
    parts(texts, page),
    h('h2', {}, words.config),
    ...configuration(texts, page),
    h('h2', {}, words.timeline),
    timeline(texts, page.timeline),
  ]
}

/** What operators have the kiosk do, and what came of it. */
function commanding(texts: FleetTexts, page: KioskPage, said: string | undefined): readonly Child[] {
  const { commands: words } = texts
  const { summary, commands } = page
  const isWaiting = commands.some(({ state }) => state === 'waiting')
  const isOut = summary.state === 'maintenance'
  const names: readonly RemoteCommandName[] = [
    'test-print',
    'test-capture',
    'diagnostics',
    'restart',
    isOut ? 'maintenance-off' : 'maintenance-on',
  ]
  return [
    h('h2', {}, words.title),
    h(
      'p',
      { class: 'row' },
      ...names.map(name =>
        h(
          'button',
          {
            type: 'button',
            'data-do': 'command',
            'data-id': summary.kiosk,
            'data-name': name,
            disabled: isWaiting,
          },
          words.names[name],
        ),
      ),
    ),
    h('div', { role: 'status' }, said && h('p', { class: 'note' }, said)),
    commands.length > 0 &&
      table(
        words.title,
        [words.name, texts.audit.at, texts.audit.who, words.answer],
        commands.map(({ name, at, by, state, code, detail, hasText }) => [
          words.names[name],
          timeText(texts, at),
          by,
          [
            [words.states[state], code, detail].filter(word => word !== undefined).join(' '),
            hasText && ' ',
            hasText &&
              h(
                'a',
                { href: `${paths.diagnostics}?id=${summary.kiosk}`, download: `${summary.kiosk}.json` },
                words.fetch,
              ),
          ],
        ]),
      ),
  ]
}

function now(texts: FleetTexts, { summary, telemetry }: KioskPage): Element {
  const { kiosk: words, kiosks } = texts
  const { samples } = summary
  return facts([
    [kiosks.state, stateMark(texts, summary.state)],
    [words.since, timeText(texts, summary.since)],
    [kiosks.site, summary.site || '–'],
    [kiosks.province, summary.province || '–'],
    [words.groups, summary.groups.join(', ') || '–'],
    [kiosks.version, summary.version ?? '–'],
    [words.heard, timeText(texts, summary.heardAt)],
    [words.uptime, telemetry === undefined ? '–' : spanText(telemetry.uptimeSeconds, texts.units)],
    [kiosks.waiting, telemetry === undefined ? '–' : numberText(texts, telemetry.outbox.waiting)],
    [texts.overview.oldest, ageWords(texts, telemetry?.outbox.oldestAt)],
    [words.events, telemetry === undefined ? '–' : numberText(texts, telemetry.outbox.events)],
    [words.setAside, telemetry === undefined ? '–' : numberText(texts, telemetry.outbox.setAside)],
    [kiosks.lastEnrolled, timeText(texts, summary.lastEnrolledAt)],
    [
      kiosks.quality,
      samples === undefined
        ? '–'
        : `${Math.round(100 * samples.goodFraction)} % (${words.samples(samples.count, Math.round(samples.scoreMean))})`,
    ],
    [
      words.store,
      telemetry === undefined
        ? '–'
        : `${Math.round(100 * telemetry.store.fraction)} % (${telemetry.store.limitedBy})`,
    ],
    [words.memory, telemetry?.memoryMib === undefined ? '–' : `${telemetry.memoryMib} MiB`],
    [words.certificate, timeText(texts, telemetry?.certificateUntil)],
  ])
}

function parts(texts: FleetTexts, { telemetry }: KioskPage): Element {
  const { kiosk: words, kiosks } = texts
  return table(
    words.parts,
    [words.part, words.kind, kiosks.state],
    (telemetry?.parts ?? []).map(({ name, kind, up, code }) => [
      name,
      kind,
      up ? words.up : `${words.down}${code === undefined ? '' : ` (${code})`}`,
    ]),
  )
}

function configuration(texts: FleetTexts, page: KioskPage): readonly Element[] {
  const { kiosk: words } = texts
  const { desired, reported, good, differences } = page
  const reportedText =
    reported === undefined ? words.none : `${reported.version}: ${words.reportedStates[reported.state]}`
  const runningText =
    reported === undefined
      ? words.none
      : `${reported.running}${reported.confirmed ? '' : ` (${words.onTrial})`}`
  return [
    facts([
      [words.desired, desired === undefined ? words.none : String(desired.version)],
      [words.reported, reportedText],
      [words.running, runningText],
      [words.good, good === undefined ? words.none : `${good.version} (${timeText(texts, good.at)})`],
    ]),
    ...(reported?.errors ?? []).map(({ code, where, text }) =>
      h('p', { class: 'note' }, `${where}${where === '' ? '' : ': '}${text} `, h('code', {}, code)),
    ),
    differences.length === 0
      ? h('p', {}, words.same)
      : table(
          words.config,
          [words.setting, words.desired, words.running, words.good],
          differences.map(({ path, wanted, runs, good: before }) => [
            h('code', {}, path),
            ...[wanted, runs, before].map(value => h('code', {}, JSON.stringify(value) ?? '–')),
          ]),
        ),
  ]
}

function timeline(texts: FleetTexts, entries: readonly TimelineEntry[]): Element {
  const { kiosk: words } = texts
  if (entries.length === 0) return h('p', {}, words.nothing)
  return table(
    words.timeline,
    [texts.audit.at, texts.audit.what],
    entries.map(entry => [timeText(texts, entry.at), `${words.what[entry.what]}: ${inWords(texts, entry)}`]),
  )
}

/** States and troubles have words; versions and codes are what they are. */
function inWords(texts: FleetTexts, { what, text }: TimelineEntry): string {
  if (what === 'command') return commandWords(texts, text)
  if (what === 'state') return texts.states[text as 'online']
  if (what !== 'trouble' && what !== 'trouble-over') return text
  const [name, ...rest] = text.split(' ')
  return [texts.troubles[name as TroubleName], ...rest].join(' ')
}

function commandWords({ commands: { names, states } }: FleetTexts, text: string): string {
  const [name, state, ...rest] = text.split(' ')
  return [names[name as RemoteCommandName], states[state as 'done'], ...rest].join(' ')
}
