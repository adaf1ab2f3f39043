import { type Child, h } from '../../page/element.ts'
import type { Act } from '../roll-outs/book.ts'
import type { KioskProgress } from '../roll-outs/roll-out.ts'
import { mayAs, type Role } from '../room/roles.ts'
import { paths, type RollOutPage, type RollOutRow } from '../serve/protocol-paths.ts'
import { facts, kioskLink, table } from './pieces.ts'
import { ask, ServerError, tell } from './server.ts'
import type { FleetTexts } from './texts/texts.ts'
import { numberText, timeText } from './words.ts'

interface Person {
  readonly name: string
  readonly role: Role
}

export async function rollOutsView(
  texts: FleetTexts,
  me: Person,
  said: string | undefined,
): Promise<readonly Child[]> {
  const { rollOuts: words } = texts
  const { rollOuts } = await ask<{ rollOuts: RollOutRow[] }>(paths.rollOuts)
  return [
    h('h1', {}, words.title),
    rollOuts.length === 0
      ? h('p', {}, words.none)
      : table(
          words.title,
          [words.id, words.what, words.state, words.to, words.proposedBy, words.progress],
          rollOuts.map(row => [
            h('a', { href: `#/rollout/${row.id}` }, row.id),
            row.imageVersion === undefined ? words.configuration : `${words.image} ${row.imageVersion}`,
            stateText(texts, row),
            row.plan.to.join(', '),
            row.proposed.by,
            bar(texts, row),
          ]),
        ),
    ...(mayAs(me.role, 'operator')
      ? [
          h('div', { role: 'alert' }, said && h('p', { class: 'note' }, said)),

          configurationForm(texts),
          imageForm(texts),
        ]
      : []),
  ]
}

export async function rollOutView(
  texts: FleetTexts,
  me: Person,
  id: string,
  said: string | undefined,
): Promise<readonly Child[]> {
  const { rollOuts: words } = texts
  const back = h('p', {}, h('a', { href: '#/rollouts' }, `← ${words.back}`))
  const page = await ask<RollOutPage>(paths.rollOut, { id }).catch(error => {
    if (error instanceof ServerError && error.status === 404) return undefined
    throw error
  })
  if (page === undefined) return [back, h('h1', {}, id), h('p', {}, words.unknown)]
  const { plan, proposed, approved, counts } = page
  return [
    back,
    h('h1', {}, `${words.one} ${id}`),
    h('p', {}, h('strong', {}, stateText(texts, page)), ` (${timeText(texts, page.at)})`),
    bar(texts, page),
    h('div', { role: 'status' }, said && h('p', { class: 'note' }, said)),
    h('p', { class: 'row' }, ...buttons(texts, me, page)),
    facts([
      [words.to, plan.to.join(', ')],
      [words.proposedBy, `${proposed.by} (${timeText(texts, proposed.at)})`],
      [words.approvedBy, approved === undefined ? '–' : `${approved.by} (${timeText(texts, approved.at)})`],
      [words.version, page.version === undefined ? '–' : String(page.version)],
      [words.canary, `${plan.canaryPercent} %`],
      [words.failuresMax, String(plan.failuresMax)],
      [words.pace, plan.perMinute === undefined ? words.fast : `${plan.perMinute} × ${plan.growth}`],
      [words.wait, String(plan.waitMs / 60_000)],
    ]),
    h('h2', {}, page.image === undefined ? words.settings : words.image),
    h('pre', { tabindex: 0 }, JSON.stringify(page.settings ?? page.image, null, 2)),
    h('h2', {}, texts.kiosks.title),
    counts.kiosks === 0
      ? h('p', {}, words.notBegun)
      : table(
          texts.backlog.more(page.kiosks.length, counts.kiosks),
          [texts.kiosks.name, words.outcome, words.sentAt],
          page.kiosks.map(({ kiosk, pending, ...each }) => [
            kioskLink(kiosk),
            pending === undefined || each.outcome !== undefined
              ? outcomeText(texts, each)
              : `${words.steps[pending.step]}${pending.percent === undefined ? '' : ` ${Math.round(pending.percent)} %`}`,
            each.sentMs === undefined ? '–' : timeText(texts, new Date(each.sentMs).toISOString()),
          ]),
        ),
  ]
}

function stateText({ rollOuts: words }: FleetTexts, { state, reason }: RollOutRow): string {
  return reason === undefined ? words.states[state] : `${words.states[state]}: ${words.reasons[reason]}`
}

function outcomeText({ rollOuts: words }: FleetTexts, { outcome, sentMs, stage }: KioskProgress): string {
  const text = words.outcomes[outcome ?? (sentMs === undefined ? 'unsent' : 'sent')]
  return stage === 0 ? `${text} (${words.firstShare})` : text
}

function bar(texts: FleetTexts, { id, counts }: RollOutRow): Element {
  const { rollOuts: words } = texts
  const number = (value: number) => numberText(texts, value)
  const { kiosks, kept, failed, passedOver } = counts
  const text = words.counts(number(kept), number(failed), number(passedOver), number(kiosks))
  return h(
    'div',
    {},
    h('progress', {
      class: 'progress',
      max: Math.max(1, kiosks),
      value: kept + failed + passedOver,
      'aria-label': `${words.progress} ${id}`,
    }),
    h('div', {}, text),
  )
}

function buttons(texts: FleetTexts, me: Person, { id, state, proposed }: RollOutRow): readonly Child[] {
  const { rollOuts: words } = texts
  const button = (act: Act) =>
    h('button', { type: 'button', 'data-do': 'act', 'data-act': act, 'data-id': id }, words.acts[act])
  const isOpen = state === 'proposed' || state === 'approved' || state === 'running' || state === 'paused'
  const operates = mayAs(me.role, 'operator')
  return [
    state === 'proposed' && mayAs(me.role, 'approver') && proposed.by !== me.name && button('approve'),
    state === 'proposed' && proposed.by === me.name && h('span', {}, words.needsOther),
    state === 'running' && operates && button('pause'),
    state === 'paused' && operates && button('resume'),
    isOpen && operates && button('cancel'),
  ]
}

type Field = (label: string, name: string, attributes: Record<string, string | number | boolean>) => Element
const field: Field = (label, name, attributes) => h('label', {}, label, h('input', { name, ...attributes }))

function area(label: string, name: string, rows: number): Element {
  return h('label', {}, label, h('textarea', { name, rows, required: true, spellcheck: 'false' }))
}

function configurationForm(texts: FleetTexts): Element {
  const { rollOuts: words } = texts
  return form(texts, words.proposeConfiguration, 'propose-configuration', 30, [
    area(words.settings, 'settings', 8),
  ])
}

function imageForm(texts: FleetTexts): Element {
  const { rollOuts: words } = texts
  return form(texts, words.proposeImage, 'propose-image', 2 * 24 * 60, [
    area(words.label, 'label', 4),
    field(words.url, 'url', { type: 'url', required: true, maxlength: 500 }),
  ])
}

function form(
  texts: FleetTexts,
  title: string,
  name: string,
  waitMinutes: number,
  cargo: readonly Child[],
): Element {
  const { rollOuts: words } = texts
  const number = { type: 'number', required: true }
  return h(
    'form',
    { class: 'card', 'data-form': name, 'aria-label': title },
    h('h2', {}, title),
    ...cargo,
    field(words.to, 'to', { required: true, value: 'all', maxlength: 400 }),
    field(words.canary, 'canaryPercent', { ...number, min: 1, max: 100, value: 5 }),
    field(words.failuresMax, 'failuresMax', { ...number, min: 0, max: 100_000, value: 0 }),
    field(words.pace, 'perMinute', { type: 'number', min: 1, max: 1_000_000 }),
    field(words.growth, 'growth', { ...number, min: 1, max: 10, step: 0.1, value: 1 }),
    field(words.wait, 'waitMinutes', { ...number, min: 1, max: 43_200, value: waitMinutes }),
    h('button', { class: 'main' }, title),
  )
}

type Fields = Readonly<Record<string, string>>

/** Sends a form. Rejects with a `ServerError`, and with a `SyntaxError` where it should have JSON and has not. */
export function sendConfiguration(fields: Fields): Promise<void> {
  return propose({ settings: JSON.parse(fields.settings) }, fields)
}

/** As `sendConfiguration`; the label is what `tunggal update make` wrote beside the bundle. */
export function sendImage(fields: Fields): Promise<void> {
  const { version, compatible, bytes, sha256, expiresAt } = JSON.parse(fields.label)
  return propose({ image: { image: version, compatible, bytes, sha256, expiresAt, url: fields.url } }, fields)
}

function propose(cargo: object, fields: Fields): Promise<void> {
  const number = (name: string) => Number(fields[name])
  return tell(paths.rollOuts, {
    ...cargo,
    plan: {
      to: fields.to.split(/[\s,]+/).filter(name => name !== ''),
      canaryPercent: number('canaryPercent'),
      failuresMax: number('failuresMax'),
      ...(fields.perMinute !== '' && { perMinute: number('perMinute') }),
      growth: number('growth'),
      waitMs: number('waitMinutes') * 60_000,
    },
  })
}

/** What the server, or the form, says is wrong, for people. */
export function problemText({ failed, rollOuts: words }: FleetTexts, error: unknown): string {
  if (error instanceof SyntaxError) return words.noJson
  const problem = error instanceof ServerError ? error.problem : undefined
  if (problem === undefined) return failed
  const { code, ...details } = problem
  return `${words.refused}: ${code} ${Object.values(details).join(' ')}`
}
