import { KioskError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { VisitLanguage } from '../../record/visit-view.ts'
import type { Speaker } from './speaker.ts'

/** About two minutes of speech: all that is said again and again. */
const CACHE_BYTES_MAX = 16 * 1024 * 1024
const WAITING_MAX = 4

export interface Phrase {
  readonly text: string
  readonly language: VisitLanguage
  /** About one person: not kept. */
  readonly isPrivate: boolean
}

/**
 * Speech for the page: one phrase at a time is made, a few may wait, and what is said to everybody is kept.
 * Without a voice the kiosk is silent, and that is reported once.
 */
export class Speech {
  private readonly cache = new Map<string, Uint8Array>()
  private cachedBytes = 0
  private waiting = 0
  private last: Promise<unknown> = Promise.resolve()
  private isSilent = false

  constructor(private readonly parts: { readonly speaker: Speaker; readonly log: Log }) {}

  /** A WAV file; undefined where there is no voice, or too much to say at once. */
  async say({ text, language, isPrivate }: Phrase, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const key = `${language} ${text}`
    const cached = this.cache.get(key)
    if (cached !== undefined) {
      // The last one used is the last one to go.
      this.cache.delete(key)
      this.cache.set(key, cached)
      return cached
    }
    if (this.waiting >= WAITING_MAX) return undefined
    this.waiting++
    const making = this.last.then(() => this.make(text, language, signal))
    // Whoever waits is not kept from speaking by what went wrong before.
    this.last = making.catch(() => {})
    try {
      const wav = await making
      if (wav !== undefined && !isPrivate) this.keep(key, wav)
      return wav
    } finally {
      this.waiting--
    }
  }

  private async make(
    text: string,
    language: VisitLanguage,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    if (signal.aborted) return undefined
    try {
      const wav = await this.parts.speaker.render(text, language, signal)
      this.isSilent = false
      return wav
    } catch (error) {
      if (!(error instanceof KioskError)) throw error
      if (!this.isSilent && !signal.aborted) {
        this.isSilent = true
        this.parts.log.warn('speech-unavailable', { code: error.code, why: String(error.details.why) })
      }
      return undefined
    }
  }

  private keep(key: string, wav: Uint8Array): void {
    if (this.cache.has(key)) return
    this.cache.set(key, wav)
    this.cachedBytes += wav.length
    for (const [oldest, { length }] of this.cache) {
      if (this.cachedBytes <= CACHE_BYTES_MAX) break
      this.cache.delete(oldest)
      this.cachedBytes -= length
    }
  }
}
