/** Where people decide: on kiosks that ask for a certificate, and on records that resemble others. */
import { type Child, h } from '../../page/element.ts'
import type { CaseRow, ClaimRow } from '../desks/desks.ts'
import { type DeskPage, deskPaths } from '../desks/paths.ts'
import { kioskLink, table } from './pieces.ts'
import { ask, ServerError, tell } from './server.ts'
import type { DeskTexts } from './texts/desks.ts'
import type { FleetTexts } from './texts/texts.ts'
import { timeText } from './words.ts'

export interface DeskView {
  readonly texts: FleetTexts
  readonly words: DeskTexts
  /** What was said about the last decision. */
  readonly said?: string
}

export async function claimsView({ texts, words, said }: DeskView): Promise<readonly Child[]> {
  const { claims } = words
  const { rows } = await ask<DeskPage<ClaimRow>>(deskPaths.claims)
  return [
    h('h1', {}, claims.title),
    h('p', {}, claims.lead),
    spoken(said),
    rows === undefined || rows.length === 0
      ? h('p', { class: 'note' }, rows === undefined ? claims.away : claims.none)
      : table(
          claims.title,
          [claims.name, claims.code, claims.site, claims.requestedAt, claims.from, claims.act],
          rows.map(row => [
            row.name,
            h('code', {}, row.code),
            row.site ?? '–',
            timeText(texts, row.requestedAt),
            row.from,
            [
              decision(claims.approve, row.name, { desk: 'claim', id: row.id, answer: 'approve' }),
              ' ',
              decision(claims.reject, row.name, { desk: 'claim', id: row.id, answer: 'reject' }),
            ],
          ]),
        ),
  ]
}

export async function casesView({ texts, words, said }: DeskView): Promise<readonly Child[]> {
  const { cases } = words
  const rows = await casesOf()
  return [
    h('h1', {}, cases.title),
    h('p', {}, cases.lead),
    spoken(said),
    rows === undefined || rows.length === 0
      ? h('p', { class: 'note' }, rows === undefined ? cases.away : cases.none)
      : table(
          cases.title,
          [cases.receivedAt, cases.kiosk, cases.reason, cases.progress, cases.look],
          rows.map(row => [
            timeText(texts, row.receivedAt),
            kioskLink(row.kiosk),
            reasonText(words, row.reason),
            cases.counts(row.decided, row.wanted),
            h('a', { href: `#/case/${row.id}` }, `${cases.look} …${row.id.slice(-6)}`),
          ]),
        ),
  ]
}

export async function caseView({ words, said }: DeskView, id: string): Promise<readonly Child[]> {
  const { cases } = words
  const back = h('p', {}, h('a', { href: '#/cases' }, `← ${cases.back}`))
  const row = (await casesOf())?.find(each => each.id === id)
  if (row === undefined) return [back, h('h1', {}, cases.title), spoken(said ?? cases.gone)]
  return [
    back,
    h('h1', {}, cases.title),
    h('p', {}, `${reasonText(words, row.reason)}. ${cases.counts(row.decided, row.wanted)}.`),
    spoken(said),
    h(
      'p',
      { class: 'row' },
      decision(cases.duplicate, '', { desk: 'case', id, answer: 'duplicate' }),
      ' ',
      decision(cases.distinct, '', { desk: 'case', id, answer: 'distinct' }),
    ),
    h('img', {
      class: 'pair',
      alt: cases.picture,
      src: `${deskPaths.casePicture}?id=${encodeURIComponent(id)}`,
    }),
  ]
}

/** Sends what a button of these views stands for; what is to be said of it. */
export async function decide(words: DeskTexts, pressed: DOMStringMap): Promise<string> {
  const { desk, id, answer } = pressed
  try {
    if (desk === 'claim') await tell(deskPaths.decideClaim, { id, act: answer })
    else await tell(deskPaths.decideCase, { id, answer })
    return words.cases.noted
  } catch (error) {
    const code = error instanceof ServerError ? (error.problem?.code ?? error.status) : 'unexpected'
    return words.problem(String(code))
  }
}

/** 404: this server has no ABIS to decide at. */
async function casesOf(): Promise<readonly CaseRow[] | undefined> {
  try {
    return (await ask<DeskPage<CaseRow>>(deskPaths.cases)).rows
  } catch (error) {
    if (error instanceof ServerError && error.status === 404) return undefined
    throw error
  }
}

function decision(text: string, about: string, data: { desk: string; id: string; answer: string }): Element {
  return h(
    'button',
    {
      type: 'button',
      'data-do': 'decide',
      'data-desk': data.desk,
      'data-id': data.id,
      'data-answer': data.answer,
      'aria-label': about === '' ? undefined : `${text}: ${about}`,
    },
    text,
  )
}

function spoken(said: string | undefined): Element {
  return h('div', { role: 'status' }, said && h('p', { class: 'note' }, said))
}

function reasonText({ cases }: DeskTexts, reason: string): string {
  const kind = reason.split(':')[0] as keyof typeof cases.reasons
  return cases.reasons[kind] ?? reason
}
