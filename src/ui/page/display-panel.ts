import { h } from '../../page/element.ts'
import type { Preferences } from '../../record/visit-view.ts'
import type { PageTexts } from '../texts/texts.ts'
import { dialog } from './panels.ts'
import { command, local, type Screen } from './screens.ts'

/** How a person wants the page: every choice takes effect at once and lasts until their visit ends. */
export function displayPanel({ texts, view: { preferences }, local: { hasNoVoice } }: Screen): Element {
  const { textSize, highContrast, reducedMotion, speech, volume } = preferences
  return dialog(
    texts.displayTitle,
    [
      h(
        'div',
        { class: 'choices' },
        choice(
          texts.textSize,
          ([1, 2, 3] as const).map((size, index) => ({
            name: texts.textSizes[index],
            change: { textSize: size },
            isChosen: textSize === size,
          })),
        ),
        yesOrNo(texts.contrast, texts.contrasts, 'highContrast', highContrast),
        yesOrNo(texts.motion, texts.motions, 'reducedMotion', reducedMotion),
        yesOrNo(texts.speech, texts.speeches, 'speech', speech),
        speech && hasNoVoice && h('p', { class: 'notice' }, texts.noVoice),
        speech && !hasNoVoice && loudness(texts, volume),
      ),
    ],
    [local(texts.back, 'panel:', 'primary')],
  )
}

const VOLUME_MAX = 5

interface Option {
  readonly name: string
  readonly change: Partial<Preferences>
  readonly isChosen: boolean
}

function choice(name: string, options: readonly Option[]): Element {
  const buttons = options.map(({ name, change, isChosen }) => {
    const button = command(name, { name: 'prefer', ...change })
    button.setAttribute('aria-pressed', String(isChosen))
    return button
  })
  return h(
    'div',
    { class: 'choice', role: 'group', 'aria-label': name },
    h('span', { 'aria-hidden': 'true' }, name),
    h('div', {}, ...buttons),
  )
}

function loudness(texts: PageTexts, volume: Preferences['volume']): Element {
  const step = (name: string, by: 1 | -1) => {
    const next = (volume + by) as Preferences['volume']
    const button = command(name, { name: 'prefer', volume: next })
    button.toggleAttribute('disabled', next < 1 || next > VOLUME_MAX)
    // The same button, whatever the volume is now: it keeps the focus.
    button.setAttribute('data-key', name)
    return button
  }
  return h(
    'div',
    { class: 'choice' },
    h('output', {}, texts.volumeOf(volume, VOLUME_MAX)),
    h('div', {}, step(texts.softer, -1), step(texts.louder, 1)),
  )
}

function yesOrNo(
  name: string,
  [no, yes]: PageTexts['contrasts'],
  preference: 'highContrast' | 'reducedMotion' | 'speech',
  value: boolean,
): Element {
  return choice(
    name,
    [no, yes].map((option, index) => ({
      name: option,
      change: { [preference]: index === 1 },
      isChosen: value === (index === 1),
    })),
  )
}
