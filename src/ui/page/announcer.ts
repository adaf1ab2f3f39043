import type { VisitView } from '../../record/visit-view.ts'
import type { PageTexts } from '../texts/texts.ts'
import { languageOf, nameOf, type Phrase, phrasesOf } from './spoken.ts'
import type { Voice } from './voice.ts'

export interface Rendered {
  /** Another one: what is on screen is about something else. */
  readonly place: string
  readonly view: Pick<VisitView, 'preferences' | 'listensAlone' | 'step'>
  readonly texts: PageTexts
  /** What to do with a finger is said at once; elsewhere whoever listens hears the screen out first. */
  readonly isGuiding: boolean
}

/** Says what came onto the screen, for those who want to hear it: a new screen whole, else what is new on it. */
export class Announcer {
  private last: Rendered | undefined
  private said: ReadonlySet<string> = new Set()

  constructor(
    private readonly root: Element,
    private readonly voice: Voice,
  ) {}

  get isOn(): boolean {
    return this.last?.view.preferences.speech === true
  }

  /** After each rendering. */
  rendered(now: Rendered): void {
    const before = this.last
    const wasOn = this.isOn
    this.last = now
    if (before?.view.listensAlone && !now.view.listensAlone) this.voice.stop()
    if (!this.isOn) {
      if (wasOn) this.voice.stop()
      return
    }
    const { screen, around } = this.phrases()
    const said = this.said
    this.said = new Set([...screen, ...around].map(({ text }) => text))
    if (!wasOn) this.say([this.own(now.texts.spoken.keys), ...screen])
    else if (before?.place !== now.place) this.say(screen)
    else {
      const isNews = ({ text, kind }: Phrase) => kind === 'text' && !said.has(text)
      const news = [...screen, ...around].filter(isNews)
      if (news.length > 0) this.say(news, { isNow: now.isGuiding })
    }
  }

  /** Everything, from the beginning. */
  repeat(): void {
    const { screen, around } = this.phrases()
    this.say([...screen, ...around])
  }

  /** What was typed of something private: to whoever listens alone. */
  echo(text: string): void {
    if (!this.isOn || text === '' || this.last?.view.listensAlone !== true) return
    this.say([{ ...this.own(text), isPrivate: true }])
  }

  interrupt(): void {
    this.voice.stop()
  }

  /** Somebody looks for a button, and hears which one they have. */
  focused(element: Element): void {
    if (!this.isOn || element.matches('[data-silent]')) return
    if (element.matches('button'))
      this.say([{ text: nameOf(element), language: languageOf(element), isPrivate: false, kind: 'text' }])
  }

  private phrases(): { readonly screen: readonly Phrase[]; readonly around: readonly Phrase[] } {
    const of = (selector: string) => [...this.root.querySelectorAll(selector)].flatMap(phrasesOf)
    if (this.root.querySelector('[role=dialog]') !== null)
      return { screen: of('[role=dialog]'), around: of('.over') }
    return { screen: of('main'), around: of('header, footer') }
  }

  private own(text: string): Phrase {
    return { text, language: languageOf(document.documentElement), isPrivate: false, kind: 'text' }
  }

  private say(phrases: readonly Phrase[], { isNow } = { isNow: true }): void {
    if (this.last === undefined) return
    const { view, texts } = this.last
    const isHidden = ({ isPrivate }: Phrase) => isPrivate && !view.listensAlone
    const hidden = phrases.find(isHidden)
    const heard = phrases.flatMap(phrase => {
      if (!isHidden(phrase)) return [phrase]
      // Nobody shall think that there is nothing more.
      return phrase === hidden ? [this.own(texts.spoken.privateOnly)] : []
    })
    if (isNow) this.voice.stop()
    this.voice.say(heard, view.preferences.volume)
  }
}
