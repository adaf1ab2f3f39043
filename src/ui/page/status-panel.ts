/** "Where is my card?": the question, and its answer in words. */
import type { RecordStatus } from '../../record/record-status.ts'
import type { VisitLanguage } from '../../record/visit-view.ts'
import { type Child, h } from './element.ts'
import { dialog } from './panels.ts'
import { local, type Screen } from './screens.ts'

const HEX_KEYS = [...'0123456789abcdef']

export function statusPanel(screen: Screen): Element {
  const { texts, local: state } = screen
  const { answer } = state
  if (answer === undefined || answer === 'unknown')
    return dialog(texts.statusTitle, question(screen), [
      local(texts.statusAsk, 'status', 'primary'),
      local(texts.back, 'panel:'),
    ])
  return dialog(texts.statusTitle, told(screen, answer), [
    local(texts.statusOther, 'ask-again'),
    local(texts.back, 'panel:', 'primary'),
  ])
}

/** Where there is no scanner, the number on the receipt is typed on the glass. */
function question({ texts, local: { answer } }: Screen): readonly Child[] {
  const isUnknown = answer === 'unknown'
  return [
    h(
      'p',
      { role: 'status', class: isUnknown ? 'urgent' : '' },
      isUnknown ? texts.statusUnknown : texts.statusHint,
    ),
    h('label', { for: 'code' }, texts.statusLabel),
    h('input', { id: 'code', 'data-key': 'code', autocomplete: 'off', spellcheck: 'false', maxlength: 64 }),
    h(
      'div',
      { class: 'hex' },
      ...HEX_KEYS.map(key => local(key, `type:${key}`, 'key')),
      local(texts.erase, 'type:', 'key word'),
    ),
  ]
}

function told(screen: Screen, answer: RecordStatus): readonly Child[] {
  const { texts } = screen
  const { status, history, exception, backlog } = answer
  const date = dateIn(screen)
  const [headline, next] = exception ? texts.recordExceptions[exception] : texts.statuses[status]
  return [
    h(
      'div',
      { class: 'answer', 'data-private': true },
      h('p', { role: 'status', class: exception ? 'instruction urgent' : 'instruction' }, headline),
      h('p', {}, next),
      backlog && h('p', {}, waiting(screen, backlog)),
      h(
        'ol',
        { class: 'history' },
        ...history.map(({ status, at }) =>
          h('li', {}, h('strong', {}, `${date(at)}: `), texts.statuses[status][0]),
        ),
      ),
    ),
  ]
}

function waiting(
  screen: Screen,
  { waiting, oldestAt, isOnline }: NonNullable<RecordStatus['backlog']>,
): string {
  const { texts } = screen
  const line = oldestAt && waiting > 1 ? `${texts.backlog(waiting, dateIn(screen)(oldestAt))} ` : ''
  return `${line}${isOnline ? texts.backlogOnline : texts.backlogOffline}`
}

function dateIn({ facts, view, local: { language } }: Screen): (at: string) => string {
  const locales: Readonly<Record<VisitLanguage, string>> = { id: 'id-ID', en: 'en-GB' }
  const format = new Intl.DateTimeFormat(locales[language ?? view.language], {
    dateStyle: 'long',
    timeZone: facts.timeZone,
  })
  return at => format.format(new Date(at))
}
