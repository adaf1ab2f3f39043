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
          [words.id, words.state, words.to, words.proposedBy, words.progress],
          rollOuts.map(row => [
            h('a', { href: `#/rollout/${row.id}` }, row.id),
            stateText(texts, row),
            row.plan.to.join(', '),
            row.proposed.by,
            bar(texts, row),
          ]),
        ),
    ...(mayAs(me.role, 'operator') ? [h('h2', {}, words.propose), form(texts, said)] : []),
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
    h('h2', {}, words.settings),
    h('pre', { tabindex: 0 }, JSON.stringify(page.settings, null, 2)),
    h('h2', {}, texts.kiosks.title),
    counts.kiosks === 0
      ? h('p', {}, words.notBegun)
      : table(
          texts.backlog.more(page.kiosks.length, counts.kiosks),
          [texts.kiosks.name, words.outcome, words.sentAt],
          page.kiosks.map(({ kiosk, ...each }) => [
            kioskLink(kiosk),
            outcomeText(texts, each),
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

function form(texts: FleetTexts, said: string | undefined): Element {
  const { rollOuts: words } = texts
  const field = (label: string, name: string, attributes: Record<string, string | number | boolean>) =>
    h('label', {}, label, h('input', { name, ...attributes }))
  return h(
    'form',
    { class: 'card', 'data-form': 'propose' },
    h(
      'label',
      {},
      words.settings,
      h('textarea', { name: 'settings', rows: 8, required: true, spellcheck: 'false' }),
    ),
    field(words.to, 'to', { required: true, value: 'all', maxlength: 400 }),
    field(words.canary, 'canaryPercent', { type: 'number', min: 1, max: 100, value: 5, required: true }),
    field(words.failuresMax, 'failuresMax', {
      type: 'number',
      min: 0,
      max: 100_000,
      value: 0,
      required: true,
    }),
    field(words.pace, 'perMinute', { type: 'number', min: 1, max: 1_000_000 }),
    field(words.growth, 'growth', { type: 'number', min: 1, max: 10, step: 0.1, value: 1, required: true }),
    field(words.wait, 'waitMinutes', { type: 'number', min: 1, max: 10_080, value: 30, required: true }),
    h('div', { role: 'alert' }, said && h('p', { class: 'note' }, said)),
    h('button', { class: 'main' }, words.propose),
  )
}

/** Sends the form. Rejects with a `ServerError`, and with a `SyntaxError` where the settings are no JSON. */
export async function sendProposal(fields: Readonly<Record<string, string>>): Promise<void> {
  const number = (name: string) => Number(fields[name])
  await tell(paths.rollOuts, {
    settings: JSON.parse(fields.settings),
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
