/** Who comes in, who did what, and one's own password. */
import { type Child, h } from '../../page/element.ts'
import { paths } from '../serve/protocol-paths.ts'
import { table } from './pieces.ts'
import { ask } from './server.ts'
import type { FleetTexts } from './texts/texts.ts'
import { timeText } from './words.ts'

function field(label: string, name: string, attributes: Record<string, string | number>): Element {
  return h('label', {}, label, h('input', { name, required: true, ...attributes }))
}

export function loginView({ login }: FleetTexts, problem: string | undefined): readonly Child[] {
  return [
    h('h1', {}, login.title),
    h(
      'form',
      { class: 'card', 'data-form': 'login' },
      field(login.name, 'name', { autocomplete: 'username', maxlength: 32, autocapitalize: 'none' }),
      field(login.password, 'password', {
        type: 'password',
        autocomplete: 'current-password',
        maxlength: 128,
      }),
      h('div', { role: 'alert' }, problem && h('p', { class: 'note bad' }, problem)),
      h('button', { class: 'main' }, login.submit),
    ),
  ]
}

export function accountView({ account }: FleetTexts, said: string | undefined): readonly Child[] {
  return [
    h('h1', {}, account.title),
    h(
      'form',
      { class: 'card', 'data-form': 'password' },
      field(account.old, 'old', { type: 'password', autocomplete: 'current-password', maxlength: 128 }),
      field(account.fresh, 'fresh', {
        type: 'password',
        autocomplete: 'new-password',
        minlength: 12,
        maxlength: 128,
      }),
      h('div', { role: 'status' }, said && h('p', { class: 'note' }, said)),
      h('button', { class: 'main' }, account.submit),
    ),
  ]
}

interface AuditPage {
  readonly number: number
  readonly intact: boolean
  readonly entry: { at: string; who: string; what: string; about?: string; role?: string; command?: string }
}

export async function auditView(texts: FleetTexts): Promise<readonly Child[]> {
  const { entries } = await ask<{ entries: AuditPage[] }>(paths.audit)
  const { audit } = texts
  const isIntact = entries.every(({ intact }) => intact)
  return [
    h('h1', {}, audit.title),
    h('p', { class: isIntact ? undefined : 'note bad' }, isIntact ? audit.intact : audit.broken),
    table(
      audit.title,
      [audit.at, audit.who, audit.what, audit.about],
      entries.map(({ entry }) => [
        timeText(texts, entry.at),
        entry.who,
        h('code', {}, entry.what),
        [entry.about, entry.role, entry.command].filter(word => word !== undefined).join(' '),
      ]),
    ),
  ]
}
