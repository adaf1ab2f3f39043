/** One screen a step: what the view says, as elements. Pure but for `document`. */

import { type Child, h } from '../../page/element.ts'
import type { FingerPosition } from '../../record/finger-position.ts'
import type { VisitCommand, VisitLanguage, VisitView } from '../../record/visit-view.ts'
import type { PageFacts, StaffAnswer } from '../operations.ts'
import { type PageTexts, pageTexts } from '../texts/texts.ts'
import { birthYear } from './birth-year.ts'
import type { EnquiryState } from './enquiry.ts'
import { hands } from './hands.ts'
import { hoursText } from './hours-text.ts'
import { nikDigits, nikKeypad } from './nik-entry.ts'
import { qrCode } from './qr-code.ts'
import type { ServiceState } from './service-panel.ts'

/** What only the page knows: what is being typed, and which panel is open. */
export interface Local {
  readonly connected: boolean
  readonly digits: string
  /** A code was scanned that names no NIK. */
  readonly hasStrangeCode?: boolean
  readonly panel?: 'skip' | 'cancel' | 'status' | 'display' | 'staff' | 'service'
  /** Of the panel, where the first screen speaks all languages. */
  readonly language?: VisitLanguage
  readonly enquiry?: EnquiryState
  /** Nobody has touched the panel over the first screen for long. */
  readonly isAway?: boolean
  readonly secondsLeft?: number
  /** What staff has typed of theirs. */
  readonly pin?: string
  readonly staffAnswer?: StaffAnswer
  /** Of a technician. */
  readonly service?: ServiceState
  /** The kiosk could not say what it was asked to. */
  readonly hasNoVoice?: boolean
}

export interface Screen {
  readonly facts: PageFacts
  readonly view: VisitView
  readonly local: Local
  readonly texts: PageTexts
}

type Without<T> = T extends unknown ? Omit<T, 'visit'> : never
export type TouchCommand = Without<VisitCommand>
type Capture = Extract<VisitView, { step: 'capture' }>

export function command(label: Child, touch: TouchCommand, kind = ''): Element {
  return button(label, { 'data-command': JSON.stringify(touch) }, kind)
}

/** Something that the page does by itself. */
export function local(label: Child, action: string, kind = '', disabled = false): Element {
  return button(label, { 'data-local': action, disabled }, kind)
}

function button(label: Child, attributes: Record<string, string | boolean>, kind: string): Element {
  const key = attributes['data-command'] ?? attributes['data-local']
  return h('button', { type: 'button', class: kind, 'data-key': String(key), ...attributes }, label)
}

const heading = (text: string) => h('h1', { tabindex: -1 }, text)
export const instruction = (text: string, urgent = false) =>
  h('p', { class: urgent ? 'instruction urgent' : 'instruction', role: 'status' }, text)

export function main(screen: Screen): readonly Child[] {
  const { view, texts } = screen
  switch (view.step) {
    case 'idle':
      return attract(screen)
    case 'checking':
      return [heading(texts.title), instruction(texts.checking)]
    case 'identify':
      return identify(screen, view.problem !== undefined)
    case 'confirm':
      return confirm(texts, view)
    case 'consent':
      return consent(screen)
    case 'capture':
      return capture(texts, view)
    case 'review':
      return review(texts, view)
    case 'storing':
      return [heading(texts.save), instruction(texts.storing)]
    case 'store-fault':
      return [
        heading(texts.save),
        instruction(texts.storeFault[view.reason], true),
        ...(view.reason === 'slow' ? [] : [actions(command(texts.tryAgain, { name: 'retry' }, 'primary'))]),
      ]
    case 'done':
      return done(texts, view)
  }
}

const actions = (...children: readonly Child[]) => h('div', { class: 'actions' }, ...children)

/** Before anybody chose a language, everything is said in each. */
function attract({ facts, view }: Screen): readonly Child[] {
  if (view.limits.includes('maintenance')) return outOfService(facts)
  const notice = view.step === 'idle' ? view.notice : undefined
  const said = Object.fromEntries(view.limits.map(limit => [limit, true]))
  const canEnrol = view.limits.every(limit => limit === 'no-printer')
  const cards = facts.languages.map((language, index) => {
    const texts = pageTexts[language]
    return h(
      'section',
      { class: 'card', lang: language },
      index === 0 ? heading(texts.title) : h('h2', {}, texts.title),
      notice && !(notice in said) && h('p', { class: 'notice' }, texts.notices[notice]),
      ...view.limits.map(limit => h('p', { class: 'notice' }, texts.limits[limit])),
      'closed' in said && h('p', {}, hoursText(facts, language)),
      canEnrol && notice === undefined && h('p', {}, texts.attract),
      canEnrol && command(texts.begin, { name: 'begin', language }, 'primary huge'),
      local(texts.statusTitle, `panel:status:${language}`, canEnrol ? '' : 'primary huge'),
    )
  })
  return [h('div', { class: 'cards' }, ...cards)]
}

/** Staff have it open, or operations keep it from people: nothing can be begun. */
function outOfService({ languages }: PageFacts): readonly Child[] {
  const cards = languages.map((language, index) => {
    const { outOfService: title, limits } = pageTexts[language]
    return h(
      'section',
      { class: 'card', lang: language },
      index === 0 ? heading(title) : h('h2', {}, title),
      h('p', { class: 'notice' }, limits.maintenance),
    )
  })
  return [h('div', { class: 'cards' }, ...cards)]
}

function identify(screen: Screen, problem: boolean): readonly Child[] {
  const { texts, local } = screen
  const wrong =
    local.digits !== ''
      ? undefined
      : local.hasStrangeCode
        ? texts.nikNotInCode
        : problem
          ? texts.nikProblem
          : undefined
  return [
    h(
      'div',
      { class: 'split' },
      h('div', {}, heading(texts.nikTitle), h('p', {}, texts.nikHint), ...nikDigits(screen, wrong)),
      nikKeypad(screen),
    ),
  ]
}

function confirm(texts: PageTexts, view: Extract<VisitView, { step: 'confirm' }>): readonly Child[] {
  const { nikMasked, birthDate, warnings } = view
  const date =
    birthDate &&
    `${birthDate.day} ${texts.months[birthDate.month - 1]} ${birthYear(birthDate.yearOfCentury, new Date().getFullYear())}`
  return [
    heading(texts.confirmTitle),
    h(
      'dl',
      { class: 'facts', 'data-private': true },
      h('dt', {}, texts.nikEnding),
      h('dd', { 'data-say': spelled(nikMasked.slice(-4)) }, nikMasked.slice(-4)),
      ...(date ? [h('dt', {}, texts.born), h('dd', {}, date)] : []),
    ),
    ...warnings.map(warning => instruction(texts.warnings[warning], true)),
    warnings.length > 0 && h('p', {}, texts.warningHint),
    actions(command(texts.change, { name: 'back' }), command(texts.correct, { name: 'confirm' }, 'primary')),
  ]
}

/** So that a voice says digits, not thousands. */
const spelled = (text: string) => [...text].join(' ')

function consent({ texts, facts }: Screen): readonly Child[] {
  return [
    heading(texts.consentTitle),
    h('ul', { class: 'consent' }, ...texts.consent(facts.controller).map(line => h('li', {}, line))),
    actions(
      command(texts.disagree, { name: 'consent', agreed: false }),
      command(texts.agree, { name: 'consent', agreed: true }, 'primary'),
    ),
  ]
}

function capture(texts: PageTexts, view: Capture): readonly Child[] {
  const { position, attempt, attemptsMax, phase, fingers, prompt } = view
  const number = fingers.findIndex(finger => finger.position === position) + 1
  const urgent = phase === 'sensor-fault' || phase === 'unreadable' || view.prompt.code === 'wrong-finger'
  return [
    h(
      'div',
      { class: 'split' },
      view.hasPreview
        ? h('div', { class: 'seen' }, hands(texts, fingers), livePicture(texts, view))
        : hands(texts, fingers),
      h(
        'div',
        { class: 'guide' },
        h(
          'p',
          { class: 'progress' },
          `${texts.fingerOf(number, fingers.length)} · ${texts.attemptOf(attempt, attemptsMax)}`,
        ),
        heading(texts.place(texts.fingers[position - 1])),
        instruction(guidance(texts, view), urgent),
        prompt.code === 'quality' && phase !== 'working' && meter(texts, prompt.score),
        actions(
          (phase === 'sensor-fault' || phase === 'unreadable') &&
            command(texts.tryAgain, { name: 'retry' }, 'primary'),
          local(texts.skip, 'panel:skip'),
        ),
      ),
    ),
  ]
}

/** A new picture for each finger: the last one's is not shown again. */
function livePicture(texts: PageTexts, { visit, position }: Capture): Element {
  const key = `live ${visit} ${position}`
  return h('img', { class: 'live', src: '/preview', alt: texts.livePicture, 'data-key': key, 'data-say': '' })
}

/** How good the last try was: a length, and a word. */
function meter(texts: PageTexts, score: number): Element {
  const text = texts.qualityOf(score)
  return h(
    'p',
    { class: 'meter' },
    h('span', {}, text),
    h('progress', { max: 100, value: score, 'aria-label': text }),
  )
}

function guidance(texts: PageTexts, { phase, prompt }: Capture): string {
  if (phase === 'reading') return texts.reading
  if (phase === 'working') return texts.working
  if (phase === 'sensor-fault') return texts.sensorFault
  if (phase === 'unreadable') return texts.unreadable
  switch (prompt.code) {
    case 'place':
      return texts.placeHint
    case 'no-finger':
      return texts.noFinger
    case 'quality':
      return texts.quality[prompt.reason]
    case 'engine':
      return texts.engine
    case 'wrong-finger': {
      const wrong = texts.wrongFinger(nameOf(texts, prompt.givenAs))
      return prompt.otherHand ? `${wrong} ${texts.otherHand}` : wrong
    }
  }
}

const nameOf = (texts: PageTexts, position: FingerPosition) => texts.fingers[position - 1]

function review(texts: PageTexts, { fingers }: Extract<VisitView, { step: 'review' }>): readonly Child[] {
  const rows = fingers.map(finger => {
    const { position, state, forced, exception, resembles } = finger
    const how =
      state === 'kept'
        ? forced
          ? texts.forced
          : texts.good
        : exception
          ? texts.exceptions[exception]
          : texts.waiting
    const more = resembles && ` (${texts.resembles(nameOf(texts, resembles))})`
    return h(
      'li',
      { class: forced || exception ? 'row weak' : 'row' },
      h('span', {}, h('strong', {}, nameOf(texts, position)), h('br'), `${how}${more ?? ''}`),
      h(
        'button',
        {
          type: 'button',
          'data-key': `redo-${position}`,
          'data-command': JSON.stringify({ name: 'redo', position }),
          'aria-label': `${texts.redo}: ${nameOf(texts, position)}`,
        },
        texts.redo,
      ),
    )
  })
  return [
    h(
      'div',
      { class: 'title-bar' },
      heading(texts.reviewTitle),
      command(texts.save, { name: 'submit' }, 'primary huge'),
    ),
    h('ul', { class: 'review', 'data-private': true }, ...rows),
  ]
}

function done(texts: PageTexts, view: Extract<VisitView, { step: 'done' }>): readonly Child[] {
  return [
    h(
      'div',
      { class: 'split' },
      h(
        'div',
        {},
        heading(texts.doneTitle),
        h('p', {}, view.offline ? texts.doneOffline : texts.doneOnline),
        h(
          'p',
          { 'data-private': true, 'data-say': `${texts.recordNumber}: ${spelled(view.recordId)}` },
          `${texts.recordNumber}: `,
          h('strong', { class: 'number' }, view.recordId),
        ),
        instruction(texts.receipts[view.receipt], view.receipt === 'on-screen'),
      ),
      h('div', { class: 'paper' }, qrCode(view.code, texts.codeLabel)),
    ),
    actions(
      view.receipt === 'on-screen' && command(texts.printAgain, { name: 'retry' }),
      command(texts.finish, { name: 'leave' }, 'primary'),
    ),
  ]
}
