/** "Where is my card?": the question, by receipt or by NIK and finger, and its answer in words. */

import { type Child, h } from '../../page/element.ts'
import type { RecordStatus, StatusFinding } from '../../record/record-status.ts'
import type { VisitLanguage } from '../../record/visit-view.ts'
import type { PageTexts } from '../texts/texts.ts'
import { hands } from './hands.ts'
import { nikDigits, nikKeypad } from './nik-entry.ts'
import { dialog } from './panels.ts'
import { command, instruction, local, type Screen } from './screens.ts'

const HEX_KEYS = [...'0123456789abcdef']
const PRINTS_SHOWN_MAX = 3
/** The finger that most people enrolled. */
const RIGHT_INDEX = 2

export function statusPanel(screen: Screen): Element {
  const { texts, local: state } = screen
  const { by, answer } = state.enquiry ?? {}
  if (answer?.kind === 'found')
    return dialog(texts.statusTitle, told(screen, answer.record), [
      ...printButtons(screen, answer),
      local(texts.statusOther, 'panel:status'),
      local(texts.back, 'panel:', 'primary'),
    ])
  if (by === 'nik') return nik(screen)
  if (by === 'finger') return finger(screen)
  return byReceipt(screen)
}

/** What the kiosk can print for whoever holds the receipt; the oldest first, the rest after those. */
function printButtons(
  { view, texts, local: { enquiry } }: Screen,
  { prints = [], hasSlip }: Extract<StatusFinding, { kind: 'found' }>,
): readonly Child[] {
  const isPrinting = enquiry?.isPrinting === true
  const needsStaff = enquiry?.printed === 'paper' || enquiry?.printed === 'fault'
  return [
    ...prints
      .slice(0, PRINTS_SHOWN_MAX)
      .map(({ job, title }) => local(texts.printDocument(title), `print:${job}`, '', isPrinting)),
    hasSlip && local(texts.printSlip, 'print:', '', isPrinting),
    needsStaff && !view.helpCalled && command(texts.help, { name: 'help' }),
  ]
}

/** Where there is no scanner, the number on the receipt is typed on the glass. */
function byReceipt({ view, texts, local: { enquiry = {} } }: Screen): Element {
  const { isAsking, answer } = enquiry
  const wrong = answer && texts.statusProblems[answer.kind as keyof PageTexts['statusProblems']]
  const hasFingers = !view.limits.includes('no-sensor')
  return dialog(
    texts.statusTitle,
    [
      h(
        'p',
        { role: 'status', class: wrong ? 'urgent' : '' },
        isAsking ? texts.statusAsking : (wrong ?? texts.statusHint),
      ),
      h('label', { for: 'code' }, texts.statusLabel),
      h('input', {
        id: 'code',
        'data-key': 'code',
        autocomplete: 'off',
        spellcheck: 'false',
        maxlength: 64,
      }),
      h(
        'div',
        { class: 'hex in-two-rows' },
        ...HEX_KEYS.map(key => local(key, `type:${key}`, 'key')),
        local(texts.erase, 'type:', 'key word'),
      ),
    ],
    [
      local(texts.statusAsk, 'status', 'primary', isAsking),
      hasFingers && local(texts.statusByNik, 'enquiry:nik'),
      local(texts.back, 'panel:'),
    ],
    'wide',
  )
}

function nik(screen: Screen): Element {
  const { texts, local: state } = screen
  const wrong = state.digits === '' && state.hasStrangeCode ? texts.nikNotInCode : undefined
  return dialog(
    texts.statusNikTitle,
    [
      h(
        'div',
        { class: 'split' },
        h('div', {}, h('p', {}, texts.statusNikHint), ...nikDigits(screen, wrong)),
        nikKeypad(screen),
      ),
    ],
    [local(texts.back, 'panel:')],
    'wide',
  )
}

function finger({ texts, local: { enquiry = {} } }: Screen): Element {
  const { isAsking, isFelt, answer } = enquiry
  const wrong =
    answer?.kind === 'poor'
      ? texts.quality[answer.reason]
      : answer && texts.statusProblems[answer.kind as keyof PageTexts['statusProblems']]
  const text = isFelt ? texts.reading : (wrong ?? texts.statusFingerHint)
  return dialog(
    texts.statusFingerTitle,
    [
      h(
        'div',
        { class: 'split' },
        hands(texts, [{ position: RIGHT_INDEX, state: 'current' }]),
        instruction(text, wrong !== undefined),
      ),
    ],
    [
      !isAsking && local(texts.tryAgain, 'enquiry:again', 'primary'),
      !isAsking && local(texts.statusByReceipt, 'panel:status'),
      local(texts.back, 'panel:'),
    ],
    'wide',
  )
}

function told(screen: Screen, answer: RecordStatus): readonly Child[] {
  const { texts, local: state } = screen
  const { status, history, exception, backlog, centre } = answer
  const { isPrinting, printed } = state.enquiry ?? {}
  const printing = isPrinting ? texts.printing : printed && texts.prints[printed]
  const date = dateIn(screen)
  const [headline, next] = exception ? texts.recordExceptions[exception] : texts.statuses[status]
  return [
    h(
      'div',
      { class: 'answer' },
      h(
        'p',
        {
          role: 'status',
          class: exception ? 'instruction urgent' : 'instruction',
          'data-private': true,
        },
        headline,
      ),
      h('p', { 'data-private': true }, next),
      printing &&
        h(
          'p',
          { role: 'status', class: isPrinting || printed === 'printed' ? 'instruction' : 'urgent' },
          printing,
        ),
      backlog && h('p', {}, waiting(screen, backlog)),
      centre && h('p', {}, waitingAtCentre(screen, centre)),
      h(
        'ol',
        { class: 'history', 'data-private': true },
        ...history.map(({ status, at }) =>
          h('li', {}, h('strong', {}, `${date(at)}: `), texts.statuses[status][0]),
        ),
      ),
    ),
  ]
}

function waitingAtCentre(
  screen: Screen,
  { waiting, oldestAt, days }: NonNullable<RecordStatus['centre']>,
): string {
  const { texts } = screen
  const count = new Intl.NumberFormat(localeIn(screen)).format(waiting)
  const line = texts.centreBacklog(count, dateIn(screen)(oldestAt))
  return `${line} ${days === undefined ? texts.centreStands : texts.centreDays(days)}`
}

function waiting(
  screen: Screen,
  { waiting, oldestAt, isOnline }: NonNullable<RecordStatus['backlog']>,
): string {
  const { texts } = screen
  const line = oldestAt && waiting > 1 ? `${texts.backlog(waiting, dateIn(screen)(oldestAt))} ` : ''
  return `${line}${isOnline ? texts.backlogOnline : texts.backlogOffline}`
}

function localeIn({ view, local: { language } }: Screen): string {
  const locales: Readonly<Record<VisitLanguage, string>> = { id: 'id-ID', en: 'en-GB' }
  return locales[language ?? view.language]
}

function dateIn(screen: Screen): (at: string) => string {
  const { timeZone } = screen.facts
  const format = new Intl.DateTimeFormat(localeIn(screen), { dateStyle: 'long', timeZone })
  return at => format.format(new Date(at))
}
