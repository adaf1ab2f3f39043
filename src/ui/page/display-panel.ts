import type { Preferences } from '../../record/visit-view.ts'
import type { PageTexts } from '../texts/texts.ts'
import { h } from './element.ts'
import { dialog } from './panels.ts'
import { command, local, type Screen } from './screens.ts'

/** How a person wants the page: every choice takes effect at once and lasts until their visit ends. */
export function displayPanel({ texts, view: { preferences } }: Screen): Element {
  const { textSize, highContrast, reducedMotion } = preferences
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
      ),
    ],
    [local(texts.back, 'panel:', 'primary')],
  )
}

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
    h('span', {}, name),
    h('div', {}, ...buttons),
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
