/** For those who work here: their PIN. */

import { h } from '../../page/element.ts'
import type { StaffAnswer } from '../operations.ts'
import type { PageTexts } from '../texts/texts.ts'
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
