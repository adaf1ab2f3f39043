/** What lies over a screen until it is answered; and what is around every screen. */

import { type Child, h } from '../../page/element.ts'
import { fingerExceptions } from '../../record/finger-position.ts'
import { pageTexts } from '../texts/texts.ts'
import { displayPanel } from './display-panel.ts'
import { command, local, type Screen } from './screens.ts'
import { servicePanel } from './service-panel.ts'
import { pinPanel } from './staff-panel.ts'
import { statusPanel } from './status-panel.ts'

/** The open panel, which covers what is around the screen. */
export function panel(screen: Screen): Element | undefined {
  const open = openPanel(screen)
  if (screen.view.preferences.speech)
    open?.querySelector('.panel > :last-child')?.append(sayAgain(screen.texts.sayAgain))
  return open
}

/** The question whether somebody is there comes before all others. */
function openPanel(screen: Screen): Element | undefined {
  const { view, local: state, texts } = screen
  if (view.stillThere || state.isAway) return stillThere(screen)
  switch (state.panel) {
    case 'skip':
      return dialog(
        texts.skipTitle,
        [
          ...fingerExceptions.map(exception =>
            command(texts.exceptions[exception], { name: 'skip', exception }),
          ),
        ],
        [
          command(texts.skipRest, { name: 'skip-rest', exception: 'refused' }),
          local(texts.back, 'panel:', 'primary'),
        ],
      )
    case 'cancel':
      return dialog(
        texts.cancelTitle,
        [h('p', {}, texts.cancelHint)],
        [command(texts.cancelYes, { name: 'leave' }), local(texts.back, 'panel:', 'primary')],
      )
    case 'status':
      return statusPanel(screen)
    case 'display':
      return displayPanel(screen)
    case 'staff':
      return pinPanel(screen)
    case 'service':
      return servicePanel(screen)
    case undefined:
      return undefined
  }
}

export function dialog(title: string, body: readonly Child[], buttons: readonly Child[], kind = ''): Element {
  return h(
    'div',
    { class: 'veil', 'data-key': title },
    h(
      'section',
      {
        role: 'dialog',
        'aria-modal': 'true',
        'aria-labelledby': 'panel-title',
        class: `panel ${kind}`.trim(),
      },
      h('h2', { id: 'panel-title', tabindex: -1 }, title),
      ...body,
      h('div', { class: 'actions' }, ...buttons),
    ),
  )
}

function stillThere({ view, texts, local: { secondsLeft = 0 } }: Screen): Element {
  const kind = 'primary huge'
  return dialog(
    texts.stillThereTitle,
    [h('p', { role: 'timer' }, texts.stillThereHint(secondsLeft))],
    [
      view.stillThere
        ? command(texts.stillThere, { name: 'keep-alive' }, kind)
        : local(texts.stillThere, 'here', kind),
    ],
  )
}

export function header({ facts, view, texts, local: { connected } }: Screen): Element {
  const [kind, text] = !connected
    ? ['lost', texts.disconnected]
    : view.offline
      ? ['offline', texts.offline]
      : ['online', texts.online]
  return h(
    'header',
    {},
    h('span', { class: 'site' }, facts.site),
    h('span', { class: `link ${kind}`, role: 'status' }, text),
  )
}

export function footer(screen: Screen): Element {
  const { facts, view, texts } = screen
  const others = view.step === 'idle' ? [] : facts.languages.filter(language => language !== view.language)
  const left = view.step !== 'idle' && view.step !== 'done' && view.step !== 'storing'
  return h(
    'footer',
    {},
    left && local(texts.cancel, 'panel:cancel'),
    ...others.map(language =>
      h(
        'span',
        { lang: language },
        command(pageTexts[language].languageName, { name: 'language', language }),
      ),
    ),
    ...displayButtons(screen),
    view.preferences.speech && sayAgain(texts.sayAgain),
    ...help(screen),
  )
}

/** Also over a panel: whoever called from there has to know that they were heard. */
export function called({ view, texts }: Screen): Element | undefined {
  if (!view.helpCalled) return undefined
  return h('p', { class: 'called over', role: 'status', 'data-key': 'called' }, texts.helpCalled)
}

/** For whoever has no keypad to ask for it. */
function sayAgain(name: string): Element {
  const picture = h(
    'svg',
    { class: 'loudspeaker', viewBox: '0 0 24 24', 'aria-hidden': 'true' },
    h('path', { d: 'M3 9v6h4l6 5V4L7 9z' }),
    h('path', { class: 'sound', d: 'M16 8q4 4 0 8M19 5q7 7 0 14' }),
  )
  const button = local(picture, 'say-again')
  button.setAttribute('aria-label', name)
  return button
}

/** One touch calls them; who has come says so with their PIN. */
function help({ facts, view, texts }: Screen): readonly Child[] {
  if (view.attended && !view.helpCalled)
    return [
      h('p', { class: 'called', role: 'status' }, texts.attended),
      command(texts.help, { name: 'help' }),
    ]
  if (!view.helpCalled) return [command(texts.help, { name: 'help' }, 'help')]
  return [
    h('p', { class: 'called', role: 'status' }, texts.helpCalled),
    facts.hasStaff && local(texts.staffHere, 'panel:staff'),
  ]
}

/** The first screen speaks all languages. */
function displayButtons({ facts, view, texts }: Screen): readonly Child[] {
  if (view.step !== 'idle') return [local(texts.display, 'panel:display')]
  return facts.languages.map(language =>
    h('span', { lang: language }, local(pageTexts[language].display, `panel:display:${language}`)),
  )
}
