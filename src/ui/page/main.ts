/**
 * The page: shows the last view it was sent and sends back what is touched. It decides nothing and keeps
 * nothing: after a crash or a reload the next view brings it to where the visit stands.
 */
import type { VisitCommand, VisitView } from '../../record/visit-view.ts'
import type { PageFacts, RecordStatus } from '../operations.ts'
import { pageTexts } from '../texts/texts.ts'
import { h, patch } from './element.ts'
import { footer, header, panel } from './panels.ts'
import { type Local, main, NIK_DIGITS, type Screen } from './screens.ts'

// As in protocol.ts, which the page does not carry: its schemas are larger than the page.
const EVENTS_PATH = '/events'
const COMMAND_PATH = '/command'
const STATUS_PATH = '/status'
const CODE_PREFIX = 'tunggal:1:'
const SECOND_MS = 1000

const root = document.getElementById('screen') as HTMLElement
let facts: PageFacts | undefined
let view: VisitView | undefined
let local: Local = { connected: false, digits: '' }
let countDown: { endsMs: number } | undefined
let focused = ''

function render(): void {
  if (facts === undefined || view === undefined) return
  // The first screen speaks to whoever comes next, not to who was here.
  const language = local.language ?? (view.step === 'idle' ? facts.languages[0] : view.language)
  const texts = pageTexts[language]
  document.documentElement.lang = language
  document.title = texts.title
  const { textSize, highContrast, reducedMotion } = view.preferences
  Object.assign(document.documentElement.dataset, {
    text: textSize,
    contrast: highContrast ? 'high' : 'normal',
    motion: reducedMotion ? 'reduced' : 'full',
  })
  const secondsLeft = countDown && Math.max(0, Math.ceil((countDown.endsMs - performance.now()) / SECOND_MS))
  const screen: Screen = { facts, view, local: { ...local, secondsLeft }, texts }
  const over = panel(screen)
  const fresh = h(
    'div',
    { id: 'screen' },
    h(
      'div',
      { class: 'page', inert: over !== undefined },
      header(screen),
      h('main', { 'data-key': placeOf(view) }, ...main(screen)),
      footer(screen),
    ),
    over,
  )
  patch(root, fresh)
  focusOnce(`${placeOf(view)}|${over?.getAttribute('data-key') ?? ''}`)
}

/** Another place: what is on screen is about something else, and is said from its heading on. */
function placeOf({ visit, step, ...rest }: VisitView): string {
  return `${visit} ${step} ${'position' in rest ? rest.position : ''}`
}

/** A field first, else the heading of what is on top. */
function focusOnce(place: string): void {
  if (place === focused) return
  focused = place
  const target = ['[role=dialog] input', '[role=dialog] h2', 'h1']
    .map(selector => root.querySelector<HTMLElement>(selector))
    .find(element => element !== null)
  target?.focus()
}

function show(next: VisitView): void {
  const moved = view === undefined || placeOf(view) !== placeOf(next)
  // What was typed or opened belongs to the place: the next person finds nothing of it.
  if (moved) local = { connected: true, digits: '' }
  if (next.step === 'identify' && next.problem) local = { ...local, digits: '' }
  if (next.stillThere === undefined) countDown = undefined
  else countDown ??= { endsMs: performance.now() + next.stillThere.countDownMs }
  view = next
  render()
}

function change(fields: Partial<Local>): void {
  local = { ...local, ...fields }
  render()
}

async function post(path: string, body: unknown): Promise<Response | undefined> {
  try {
    return await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  } catch {
    change({ connected: false })
    return undefined
  }
}

function send(touch: Record<string, unknown>): void {
  if (view === undefined) return
  // A choice of how the page looks is tried, and often another one after it.
  if (local.panel !== undefined && touch.name !== 'prefer') change({ panel: undefined, language: undefined })
  void post(COMMAND_PATH, { ...touch, visit: view.visit } as VisitCommand)
}

async function askStatus(): Promise<void> {
  const typed = root.querySelector<HTMLInputElement>('#code')?.value.trim() ?? ''
  const code = typed.startsWith(CODE_PREFIX) ? typed : CODE_PREFIX + typed
  const response = await post(STATUS_PATH, { code })
  if (local.panel !== 'status' || response === undefined) return
  change({ answer: response.ok ? ((await response.json()) as RecordStatus) : 'unknown' })
}

function act(action: string): void {
  const [name, value, language] = action.split(':')
  const { digits } = local
  switch (name) {
    case 'digit':
      if (digits.length < NIK_DIGITS) change({ digits: digits + value })
      return
    case 'erase':
      change({ digits: digits.slice(0, -1) })
      return
    case 'nik':
      if (digits.length === NIK_DIGITS) send({ name: 'nik', text: digits })
      return
    case 'panel':
      change({
        panel: value === '' ? undefined : (value as Local['panel']),
        language: language as Local['language'],
        answer: undefined,
      })
      return
    case 'status':
      void askStatus()
  }
}

root.addEventListener('click', event => {
  const target = (event.target as Element).closest<HTMLElement>('[data-command], [data-local]')
  if (target === null) return
  const { command, local: action } = target.dataset
  if (command !== undefined) send(JSON.parse(command))
  else if (action !== undefined) act(action)
})

/** Number keys and scanners type; everything else is reached by Tab and Enter, as in any page. */
document.addEventListener('keydown', event => {
  if (view === undefined || event.ctrlKey || event.altKey || event.metaKey) return
  const inField = event.target instanceof HTMLInputElement
  if (event.key === 'Escape' && local.panel !== undefined) act('panel:')
  if (inField && event.key === 'Enter') act('status')
  if (inField || view.stillThere) return
  if (view.step === 'identify' && local.panel === undefined) {
    if (/^[0-9]$/.test(event.key)) act(`digit:${event.key}`)
    else if (event.key === 'Backspace') act('erase')
    else if (event.key === 'Enter' && local.digits.length === NIK_DIGITS && event.target === document.body)
      act('nik')
  }
  // A scanner types a receipt's code at the first screen: the field is focused before the key arrives in it.
  if (view.step === 'idle' && local.panel === undefined && event.key === CODE_PREFIX[0]) act('panel:status')
})

setInterval(() => {
  if (countDown !== undefined) render()
}, SECOND_MS)

const events = new EventSource(EVENTS_PATH)
events.addEventListener('facts', event => {
  facts = JSON.parse(event.data)
  local = { ...local, connected: true }
})
events.addEventListener('view', event => show(JSON.parse(event.data)))
events.addEventListener('error', () => change({ connected: false }))
