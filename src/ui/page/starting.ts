/**
 * What the kiosk's display shows first, read from its card: the browser is there before the kiosk is. Once the kiosk answers
 * on the port that is this page's fragment (`starting.html#8080`), its own page takes the place of this one.
 */

import { h, patch } from '../../page/element.ts'
import { PRESENCE_PATH } from '../presence.ts'
import { faultTexts } from '../texts/fault.ts'
import { startingTexts } from '../texts/starting.ts'
import { stayHere } from './stay.ts'

const ASK_INTERVAL_MS = 250
/** A start takes half a minute; one with a long log to read, some minutes. */
const LATE_MS = 300_000

const page = `http://127.0.0.1:${Number(location.hash.slice(1))}/`
const root = document.getElementById('screen') as HTMLElement

async function ask(): Promise<void> {
  try {
    await fetch(new URL(PRESENCE_PATH, page), { mode: 'no-cors', cache: 'no-store' })
    location.replace(page)
  } catch {
    show(performance.now() < LATE_MS ? startingTexts : faultTexts)
    setTimeout(() => void ask(), ASK_INTERVAL_MS)
  }
}

/** Also for who cannot see it: a status is read out. */
function show({ id, en }: Record<'id' | 'en', { title: string; whatToDo: string }>): void {
  document.title = id.title
  const words = [
    h('h1', {}, id.title),
    h('p', {}, id.whatToDo),
    h('h2', { lang: 'en' }, en.title),
    h('p', { lang: 'en' }, en.whatToDo),
  ]
  patch(
    root,
    h('div', { id: 'screen' }, h('main', { class: 'starting' }, h('div', { role: 'status' }, ...words))),
  )
}

stayHere(document)
show(startingTexts)
void ask()
