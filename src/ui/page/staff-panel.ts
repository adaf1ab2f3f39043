/** For those who work here: the PIN, and the technician's screen. */
import type { ServiceView, StaffAnswer } from '../operations.ts'
import type { PageTexts } from '../texts/texts.ts'
import { type Child, h } from './element.ts'
import { dialog } from './panels.ts'
import { local, type Screen } from './screens.ts'

const MINUTE_MS = 60_000
export const PIN_DIGITS_MAX = 12

export function pinPanel({ texts, local: { pin = '', staffAnswer } }: Screen): Element {
  const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0].map(digit => {
    const key = local(String(digit), `pin:${digit}`, 'key')
    key.setAttribute('data-silent', '')
    return key
  })
  const told = staffAnswer && answer(texts, staffAnswer)
  return dialog(
    texts.pinTitle,
    [
      h('p', { role: 'status', class: told ? 'urgent' : '' }, told ?? texts.pinHint),
      // How many, not which: somebody may be looking.
      h('p', { class: 'digits', 'data-say': texts.pinTyped(pin.length) }, '●'.repeat(pin.length) || '·'),
      h('div', { class: 'hex' }, ...digits, local(texts.erase, 'pin-erase', 'key word')),
    ],
    [local(texts.next, 'pin-enter', 'primary', pin === ''), local(texts.back, 'panel:')],
  )
}

function answer(texts: PageTexts, answer: StaffAnswer): string | undefined {
  switch (answer.kind) {
    case 'wrong':
      return texts.pinWrong(answer.triesLeft)
    case 'locked':
      return texts.pinLocked(Math.ceil(answer.forMs / MINUTE_MS))
    case 'turn-key':
      return texts.turnKey
    case 'fault':
      return texts.pinFault
    case 'officer':
    case 'technician':
      return undefined
  }
}

export function servicePanel({ facts, texts, local: { service } }: Screen): Element {
  const view = service?.view
  return dialog(
    texts.serviceTitle,
    view === undefined
      ? [h('p', { role: 'status' }, texts.checking)]
      : [
          h('p', {}, `${view.kiosk} · ${texts.version} ${view.version}`),
          ...outbox(texts, view, facts.timeZone),
          section(
            texts.parts,
            view.parts.map(({ name, kind, up, detail }) => line(texts, up, `${name} (${kind})`, detail)),
          ),
          section(
            texts.checks,
            (view.checks ?? []).map(({ check, ok, detail, remedy }) =>
              line(texts, ok, check, remedy === '' ? detail : `${detail} → ${remedy}`),
            ),
          ),
        ],
    [local(texts.checkAgain, 'service-again'), local(texts.close, 'service-close', 'primary')],
  )
}

function outbox(
  texts: PageTexts,
  { outbox, setAside }: ServiceView,
  timeZone: string,
): readonly (Element | false)[] {
  const { waiting, events, oldestAt, lastReceiptAt, isOnline } = outbox
  const time = (at: string | undefined) =>
    at === undefined ? '–' : new Date(at).toLocaleString('sv-SE', { timeZone })
  const rows: readonly [string, string][] = [
    [texts.connection, isOnline ? texts.online : texts.notConnected],
    [texts.waitingRecords, `${waiting} + ${events}`],
    [texts.oldest, time(oldestAt)],
    [texts.lastReceipt, time(lastReceiptAt)],
  ]
  return [
    h(
      'dl',
      { class: 'numbers' },
      ...rows.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
    ),
    setAside.length > 0 &&
      section(
        texts.setAsideRecords,
        setAside.map(({ sequence, id, reason }) => line(texts, false, `${sequence} ${id}`, reason)),
      ),
  ]
}

/** The words of parts and checks are those of the commands: English. */
function section(title: string, lines: readonly Element[]): Element {
  return h('div', {}, h('h3', {}, title), h('ul', { class: 'lines', lang: 'en' }, ...lines))
}

/** Not by colour alone. */
function line(texts: PageTexts, isFine: boolean, name: string, detail: string): Element {
  const mark: Child = h(
    'span',
    { class: 'mark-text', 'aria-label': isFine ? texts.fine : texts.faulty, role: 'img' },
    isFine ? '✓' : '✗',
  )
  return h('li', { class: isFine ? '' : 'weak' }, mark, h('strong', {}, name), ` ${detail}`)
}
