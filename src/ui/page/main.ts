/**
 * The page: shows the last view it was sent and sends back what is touched. It decides nothing and keeps
 * nothing: after a crash or a reload the next view brings it to where the visit stands.
 */

import { h, patch } from '../../page/element.ts'
import type { VisitCommand, VisitView } from '../../record/visit-view.ts'
import type { FirstScreen, PageFacts, ServiceTask } from '../operations.ts'
import { pageTexts } from '../texts/texts.ts'
import { Announcer } from './announcer.ts'
import { Away } from './away.ts'
import { CodeField } from './code-field.ts'
import { DoubleStrike } from './double-strike.ts'
import { CODE_PREFIX, Enquiry } from './enquiry.ts'
import { commandKeys, moveFocus, moveKeys } from './keypad.ts'
import { NIK_DIGITS } from './nik-entry.ts'
import { sayPainted } from './painted.ts'
import { called, footer, header, panel } from './panels.ts'
import { nikIn, Scanner } from './scanner.ts'
import { type Local, main, type Screen } from './screens.ts'
import { ServiceSession } from './service.ts'
import { drawPicture, type ServiceState } from './service-panel.ts'
import { PIN_DIGITS_MAX } from './staff-panel.ts'
import { stayHere } from './stay.ts'
import { Voice } from './voice.ts'

// As in protocol.ts, which the page does not carry: its schemas are larger than the page.
const EVENTS_PATH = '/events'
const COMMAND_PATH = '/command'
const SECOND_MS = 1000
const RELOAD_MS = 5000
/** Whoever types is there, also while the kiosk hears nothing of it. */
const PRESENCE_MS = 10_000

const root = document.getElementById('screen') as HTMLElement
let facts: PageFacts | undefined
let view: VisitView | undefined
let local: Local = { connected: false, digits: '' }
let countDown: { endsMs: number } | undefined
let focused = ''
let sentMs = 0
const announcer = new Announcer(root, new Voice(() => change({ hasNoVoice: true })))

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
  const endsMs = countDown?.endsMs ?? away.endsMs
  const secondsLeft =
    endsMs === undefined ? undefined : Math.max(0, Math.ceil((endsMs - performance.now()) / SECOND_MS))
  const isAway = away.endsMs !== undefined
  const screen: Screen = { facts, view, local: { ...local, secondsLeft, isAway }, texts }
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
    over !== undefined && called(screen),
  )
  patch(root, fresh)
  const isAnswered = local.enquiry?.answer?.kind === 'found'
  const place = `${placeOf(view)}|${over?.getAttribute('data-key') ?? ''}|${isAnswered}`
  focusOnce(place)
  announcer.rendered({ place, view, texts, isGuiding: isGuiding(view) })
}

/** Another place: what is on screen is about something else, and is said from its heading on. */
function placeOf({ visit, step, ...rest }: VisitView): string {
  return `${visit} ${step} ${'position' in rest ? rest.position : ''}`
}

/** Somebody has a finger to place. */
const isGuiding = ({ step }: VisitView) => step === 'capture' || local.enquiry?.by === 'finger'

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
  if (moved) clear()
  if (next.step === 'identify' && next.problem) local = { ...local, digits: '' }
  if (next.stillThere === undefined) countDown = undefined
  else countDown ??= { endsMs: performance.now() + next.stillThere.countDownMs }
  view = next
  render()
}

function clear(): void {
  service.leave()
  enquiry.cancel()
  local = { connected: true, digits: '', hasNoVoice: local.hasNoVoice }
}

const away = new Away(
  () => performance.now(),
  () => {
    clear()
    render()
  },
)

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

/**
 * A panel stays open: of several choices of how the page looks, one is tried after the other; whoever calls staff
 * goes on; and somebody who thinks for long is only there.
 */
const besides: ReadonlySet<string> = new Set(['prefer', 'help', 'keep-alive'])

function send(touch: Record<string, unknown>): void {
  if (view === undefined) return
  sentMs = performance.now()
  if (local.panel !== undefined && !besides.has(String(touch.name)))
    change({ panel: undefined, language: undefined })
  void post(COMMAND_PATH, { ...touch, visit: view.visit } as VisitCommand)
}

const codeField = new CodeField(root)

const enquiry = new Enquiry(enquiry => change({ enquiry }))

const service = new ServiceSession(post, view => {
  if (local.panel !== 'service') return
  if (view === undefined) change({ panel: undefined, service: undefined })
  else changeService({ view })
})

function changeService(fields: Partial<ServiceState>): void {
  change({ service: { ...local.service, ...fields } })
}

async function perform(task: ServiceTask): Promise<void> {
  changeService({ running: task.name, outcome: undefined, asksReboot: false })
  const outcome = await service.perform(task)
  if (outcome === undefined || local.panel !== 'service') return
  changeService({ running: undefined, outcome })
  const canvas = root.querySelector<HTMLCanvasElement>('canvas.print')
  if (outcome.kind === 'captured' && canvas !== null) await drawPicture(canvas, outcome.picture)
}

async function enterPin(): Promise<void> {
  const { pin } = local
  if (!pin) return
  change({ pin: undefined })
  const staffAnswer = await service.enter(pin)
  if (local.panel !== 'staff') return service.leave()
  if (staffAnswer.kind === 'officer') change({ panel: undefined })
  else if (staffAnswer.kind === 'technician') change({ panel: 'service', service: {} })
  else change({ staffAnswer })
}

function act(action: string): void {
  const [name, value, rest] = action.split(':')
  const { digits } = local
  switch (name) {
    case 'digit':
      if (digits.length < NIK_DIGITS) change({ digits: digits + value, hasStrangeCode: false })
      return
    case 'erase':
      change({ digits: digits.slice(0, -1) })
      return
    case 'nik':
      if (digits.length !== NIK_DIGITS) return
      if (local.panel === 'status') void enquiry.byFinger(digits)
      else send({ name: 'nik', text: digits })
      return
    case 'here':
      return
    case 'panel':
      enquiry.cancel()
      change({
        panel: value === '' ? undefined : (value as Local['panel']),
        language: (rest as Local['language']) ?? local.language,
        enquiry: undefined,
        // Over the first screen, digits are those of the panel that is closed.
        digits: view?.step === 'idle' ? '' : digits,
        pin: undefined,
        staffAnswer: undefined,
      })
      return
    case 'type':
      codeField.type(value)
      announcer.echo(value)
      return
    case 'pin':
      change({ pin: `${local.pin ?? ''}${value}`.slice(0, PIN_DIGITS_MAX) })
      return
    case 'pin-erase':
      change({ pin: local.pin?.slice(0, -1) })
      return
    case 'pin-enter':
      void enterPin()
      return
    case 'service-again':
      void service.look({ thoroughly: true })
      return
    case 'service-page':
      changeService({ page: value === 'tools' ? 'tools' : undefined, outcome: undefined, asksReboot: false })
      return
    case 'service-reboot':
      changeService({ asksReboot: true })
      return
    case 'service-task':
      void perform(value === 'print' ? { name: value, part: rest } : ({ name: value } as ServiceTask))
      return
    case 'service-close':
      service.leave()
      change({ panel: undefined, service: undefined })
      return
    case 'enquiry':
      if (value === 'nik') change({ enquiry: { by: 'nik' } })
      else void enquiry.byFinger(digits)
      return
    case 'print': {
      const found = local.enquiry?.answer
      if (found?.kind !== 'found' || view === undefined) return
      void enquiry.print(found, value || undefined, local.language ?? view.language)
      return
    }
    case 'status':
      void enquiry.byReceipt(codeField.text)
      return
    case 'say-again':
      announcer.repeat()
  }
}

const strikes = new DoubleStrike()

root.addEventListener('click', event => {
  const target = (event.target as Element).closest<HTMLElement>('[data-command], [data-local]')
  if (target === null) return
  const { command, local: action } = target.dataset
  if (strikes.isSecond(command ?? action ?? '', event.timeStamp, facts)) return
  if (command !== undefined) send(JSON.parse(command))
  else if (action !== undefined) act(action)
})

root.addEventListener('pointerdown', () => {
  announcer.interrupt()
  if (away.touched()) render()
  showPresence()
})
root.addEventListener('input', event => announcer.echo((event.target as HTMLInputElement).value.slice(-1)))
root.addEventListener('focusin', event => announcer.focused(event.target as Element))

function showPresence(): void {
  if (view === undefined || view.step === 'idle' || view.stillThere) return
  if (performance.now() - sentMs > PRESENCE_MS) send({ name: 'keep-alive' })
}

/**
 * Scanners and number keys type. A keypad that has digits, + - * / and Enter only is enough for everything; on
 * a whole keyboard, Tab and Enter do as in any page.
 */
document.addEventListener('keydown', event => {
  if (view === undefined || event.ctrlKey || event.altKey || event.metaKey) return
  // A key that is held down is one key (EN 301 549 § 5.7).
  if (event.repeat) return event.preventDefault()
  announcer.interrupt()
  if (strikes.isSecond(event.key, event.timeStamp, facts)) return event.preventDefault()
  if (away.touched()) return render()
  if (view.stillThere) return send({ name: 'keep-alive' })
  showPresence()
  const inField = event.target instanceof HTMLInputElement
  // Into a field it types by itself.
  if (!inField && scanner.takes(event)) return event.preventDefault()
  if (inField && event.key === 'Enter') act('status')
  else if (inField && commandKeys.has(event.key)) {
    event.preventDefault()
    pressed(event)
  } else if (moveKeys.has(event.key) && !(inField && event.key === '-')) {
    event.preventDefault()
    moveFocus(root, moveKeys.get(event.key)!)
  } else if (!inField) pressed(event)
})

function pressed({ key, target }: KeyboardEvent): void {
  if (key === '*') {
    if (announcer.isOn) announcer.repeat()
    else send({ name: 'prefer', speech: true })
  }
  if (key === '/') send({ name: 'help' })
  const isErasing = key === 'Backspace' || key === 'Delete' || key === '.' || key === ','
  if (local.panel === 'staff' && key !== 'Escape') {
    if (/^[0-9]$/.test(key)) act(`pin:${key}`)
    else if (isErasing) act('pin-erase')
    else if (key === 'Enter' && !(target instanceof HTMLButtonElement)) act('pin-enter')
    return
  }
  if (typesNik(key, target, isErasing) || typesCode(key, isErasing)) return
  if (local.panel === 'service') {
    if (key === 'Escape') act('service-close')
  } else if (local.panel !== undefined && (isErasing || key === 'Escape')) act('panel:')
}

function asksNik(): boolean {
  return view?.step === 'identify' ? local.panel === undefined : local.enquiry?.by === 'nik'
}

/** True: the key was one of a receipt's number, wherever the focus is. */
function typesCode(key: string, isErasing: boolean): boolean {
  if (local.panel !== 'status' || !codeField.isThere) return false
  if (/^[0-9]$/.test(key)) act(`type:${key}`)
  else if (isErasing && codeField.text !== '') act('type:')
  else return false
  return true
}

/** True: the key was one of a NIK's. */
function typesNik(key: string, target: EventTarget | null, isErasing: boolean): boolean {
  if (!asksNik()) return false
  if (/^[0-9]$/.test(key)) act(`digit:${key}`)
  else if (isErasing && local.digits !== '') act('erase')
  else if (key === 'Enter' && !(target instanceof HTMLButtonElement)) act('nik')
  else return false
  return true
}

const scanner = new Scanner(code => {
  if (view?.step === 'idle' && code.startsWith(CODE_PREFIX)) {
    act('panel:status')
    void enquiry.byReceipt(code)
  }
  if (!asksNik()) return
  const nik = nikIn(code)
  change({ digits: nik ?? '', hasStrangeCode: nik === undefined })
  act('nik')
})

setInterval(() => {
  if (facts !== undefined) away.tick(view?.step === 'idle' && local.panel !== undefined, facts)
  if (countDown !== undefined || away.endsMs !== undefined) render()
}, SECOND_MS)

const first = document.getElementById('first')
const firstScreen: FirstScreen | null = JSON.parse(first?.textContent ?? 'null')
first?.remove()
if (firstScreen !== null) {
  facts = firstScreen.facts
  local = { ...local, connected: true }
  show(firstScreen.view)
}

sayPainted(root, () => view?.visit)
stayHere(document)

const events = new EventSource(EVENTS_PATH)
events.addEventListener('facts', event => {
  facts = JSON.parse(event.data)
  local = { ...local, connected: true }
})
events.addEventListener('view', event => show(JSON.parse(event.data)))
events.addEventListener('error', () => {
  change({ connected: false })
  // Another page answers in the kiosk's place: that of a kiosk that cannot begin.
  if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), RELOAD_MS)
})
