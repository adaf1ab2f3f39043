/**
 * The screen of a kiosk that waits for its certificate, or that cannot begin: it asks its own kiosk how that stands. When
 * something else answers there, the kiosk itself has started, and the page makes room for the kiosk's own.
 */

import { h, patch } from '../../page/element.ts'
import type { ClaimView, FaultView, WaitingView } from '../claim-view.ts'
import { type ClaimTexts, claimSentence, claimTexts } from '../texts/claim.ts'
import { faultTexts } from '../texts/fault.ts'
import { qrCode } from './qr-code.ts'
import { stayHere } from './stay.ts'

const VIEW_PATH = '/claim-view'
const ASK_INTERVAL_MS = 1_500

const root = document.getElementById('screen') as HTMLElement
let view: WaitingView | undefined

async function ask(): Promise<void> {
  try {
    const response = await fetch(VIEW_PATH)
    if (response.status === 404) return location.reload()
    view = (await response.json()) as WaitingView
    render(true)
  } catch {
    // Between the one page and the other nobody answers.
    render(false)
  }
  setTimeout(() => void ask(), ASK_INTERVAL_MS)
}

function render(isThere: boolean): void {
  if (view === undefined) document.title = claimTexts.id.title
  else patch(root, 'fault' in view ? faultScreen(view) : claimScreen(view, isThere))
}

function faultScreen({ kiosk, fault }: FaultView): Element {
  const { id, en } = faultTexts
  document.title = id.title
  return h(
    'div',
    { id: 'screen' },
    h(
      'main',
      { class: 'claim' },
      h(
        'div',
        { class: 'claim-words' },
        h('h1', {}, id.title),
        h('p', {}, id.whatToDo),
        h('h2', { lang: 'en' }, en.title),
        h('p', { lang: 'en' }, en.whatToDo),
        h(
          'dl',
          { class: 'claim-facts' },
          ...fact(`${id.kiosk} · ${en.kiosk}`, kiosk),
          ...fact(`${id.code} · ${en.code}`, fault),
        ),
      ),
      h(
        'div',
        { class: 'claim-state refused', role: 'status' },
        h('p', {}, id.staff),
        h('p', { class: 'also', lang: 'en' }, en.staff),
      ),
    ),
  )
}

function claimScreen(view: ClaimView, isThere: boolean): Element {
  document.title = claimTexts.id.title
  const { kiosk, code, qr } = view
  const sentence = (texts: ClaimTexts) => (isThere ? claimSentence(texts, view) : texts.lost)
  const { id, en } = claimTexts
  return h(
    'div',
    { id: 'screen' },
    h(
      'main',
      { class: 'claim' },
      h(
        'div',
        { class: 'claim-words' },
        h('h1', {}, id.title),
        h('p', { class: 'also', lang: 'en' }, en.title),
        h(
          'dl',
          { class: 'claim-facts' },
          ...fact(`${id.kiosk} · ${en.kiosk}`, kiosk),
          ...fact(`${id.code} · ${en.code}`, code),
        ),
        h('p', {}, id.whatToDo),
        h('p', { class: 'also', lang: 'en' }, en.whatToDo),
      ),
      qrCode(qr, id.qrLabel),
      h(
        'div',
        { class: `claim-state ${view.state}`, role: 'status' },
        h('p', {}, sentence(id)),
        h('p', { class: 'also', lang: 'en' }, sentence(en)),
      ),
    ),
  )
}

function fact(name: string, value: string): Element[] {
  return [h('dt', {}, name), h('dd', {}, value)]
}

stayHere(document)
void ask()
