import { type Child, h } from '../../page/element.ts'
import { instruction, local, type Screen } from './screens.ts'

export const NIK_DIGITS = 16

/** What was typed, and what is wrong with it. */
export function nikDigits({ view, texts, local: { digits } }: Screen, wrong: string | undefined): Child[] {
  const groups = [0, 4, 8, 12].map(from =>
    h('span', { class: 'group' }, digits.slice(from, from + 4).padEnd(4, '·')),
  )
  const typed = instruction(wrong ?? texts.nikTyped(digits.length), wrong !== undefined)
  // Whoever listens alone hears what they typed; others hear how many.
  if (view.listensAlone && digits !== '') {
    typed.setAttribute('data-private', '')
    typed.setAttribute('data-say', `${digits.at(-1)}. ${texts.nikTyped(digits.length)}`)
  }
  return [h('p', { class: 'digits', 'aria-hidden': 'true' }, ...groups), typed]
}

export function nikKeypad({ texts, local: { digits } }: Screen): Element {
  return h(
    'div',
    { class: 'keypad' },
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(digitKey),
    local(texts.erase, 'erase', 'key word'),
    digitKey(0),
    local(texts.next, 'nik', 'key word primary', digits.length !== NIK_DIGITS),
  )
}

function digitKey(digit: number): Element {
  const key = local(String(digit), `digit:${digit}`, 'key')
  key.setAttribute('data-silent', '')
  return key
}
