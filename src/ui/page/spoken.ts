/**
 * What is on a screen, as phrases for those who hear it: texts in their order, then what can be chosen. It is
 * read off the elements, so that nothing is shown that is not said.
 *
 * `data-say` says something else than is shown (digits one by one; empty: nothing), `data-private` marks what
 * is for one person's ears, `data-silent` a button whose name must not be heard.
 */
import type { VisitLanguage } from '../../record/visit-view.ts'
import { pageTexts } from '../texts/texts.ts'

export interface Phrase {
  readonly text: string
  readonly language: VisitLanguage
  readonly isPrivate: boolean
  /** Of these, only texts are said again when they change: a timer changes all the time, choices with each choice. */
  readonly kind: 'text' | 'timer' | 'choices'
}

const BLOCKS = 'h1, h2, p, li, dt, dd, label, span, output, [role=img], [data-say]'

export function phrasesOf(root: Element): readonly Phrase[] {
  const phrases: Phrase[] = []
  let choices: { names: string[]; language: VisitLanguage } | undefined
  const endChoices = () => {
    if (choices === undefined) return
    const { names, language } = choices
    const text = pageTexts[language].spoken.choices(names.join(', '))
    phrases.push({ text, language, isPrivate: false, kind: 'choices' })
    choices = undefined
  }
  const visit = (element: Element): void => {
    if (element.matches('[aria-hidden=true]')) return
    const language = languageOf(element)
    if (choices !== undefined && choices.language !== language) endChoices()
    if (element.matches('button')) {
      if (element.matches('[data-silent], :disabled')) return
      choices ??= { names: [], language }
      choices.names.push(nameOf(element))
      return
    }
    if (element.matches(BLOCKS)) {
      const text = textOf(element)
      if (text !== '')
        phrases.push({
          text,
          language,
          isPrivate: element.closest('[data-private]') !== null,
          kind: element.matches('[role=timer]') ? 'timer' : 'text',
        })
      for (const button of element.querySelectorAll('button')) visit(button)
      return
    }
    for (const child of element.children) visit(child)
  }
  visit(root)
  endChoices()
  return phrases
}

/** A button as it is called where it stands: with its group, and whether it is the chosen one. */
export function nameOf(element: Element): string {
  const { spoken } = pageTexts[languageOf(element)]
  const group = element.closest('[role=group]')?.getAttribute('aria-label')
  const name = element.getAttribute('aria-label') ?? textOf(element)
  const chosen = element.getAttribute('aria-pressed') === 'true' ? `, ${spoken.chosen}` : ''
  return `${group ? `${group}: ` : ''}${name}${chosen}`
}

export function languageOf(element: Element): VisitLanguage {
  return (element.closest('[lang]')?.getAttribute('lang') ?? document.documentElement.lang) as VisitLanguage
}

function textOf(element: Element): string {
  const instead = element.getAttribute('data-say') ?? element.getAttribute('aria-label')
  if (instead !== null) return instead
  const parts = [...element.childNodes].map(node => {
    if (!(node instanceof Element)) return node.nodeValue ?? ''
    if (node.matches('button, [aria-hidden=true]')) return ''
    return node.matches('br') ? ', ' : textOf(node)
  })
  return parts.join('').replace(/\s+/g, ' ').trim()
}
