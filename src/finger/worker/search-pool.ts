import type { SearchOptions, SearchResult } from '../engine.ts'
import { THREADS_MAX } from '../prefilter/finger-memory.ts'
import type { FusedCandidate, Gallery } from '../prefilter/gallery.ts'
import {
  type Found,
  type FoundPerson,
  type GalleryMemories,
  LIMIT_DEFAULT,
} from '../prefilter/gallery-search.ts'
import type { FingerOf } from '../prefilter/people.ts'
import type { Template } from '../template/template.ts'
import { AskedThread } from './asked-thread.ts'

export type SearchQuestion = { readonly memories: GalleryMemories } & (
  | { readonly name: 'search'; readonly probe: Template; readonly options: SearchOptions }
  | { readonly name: 'people'; readonly probes: ReadonlyMap<number, Template>; readonly limit: number }
)
type Searched = { readonly found: readonly Found[]; readonly compared: number }

/** More than anybody asks for at once. */
const QUESTIONS_A_THREAD_MAX = 64

/**
 * Searches in one gallery by threads of their own. They read its memory where it lies; this thread alone adds and
 * removes, also while they search: what changed meanwhile is not among the candidates.
 *
 * In a gallery of few templates, scores may differ in their decimals from `Gallery.search`, which keeps those to the
 * last bit.
 */
export class SearchPool {
  private readonly threads: readonly AskedThread<SearchQuestion, Searched | readonly FoundPerson[]>[]

  /** `threads`: 1 to 16; each begins with its first search. */
  constructor(
    private readonly gallery: Gallery,
    threads: number,
  ) {
    const count = Math.min(Math.max(threads, 1), THREADS_MAX - 1)
    this.threads = Array.from(
      { length: count },
      (_, k) => new AskedThread('search-thread', QUESTIONS_A_THREAD_MAX, k + 1),
    )
  }

  /** As `Gallery.add`. */
  add(id: string, template: Template, of?: FingerOf): void {
    this.gallery.add(id, template, of)
  }

  /** As `Gallery.search`. Rejects with `finger/engine-busy`, `finger/engine-stopped`. */
  async search(probe: Template, options: SearchOptions = {}): Promise<SearchResult> {
    const { memories } = this.gallery
    const answer = await this.idlest().ask({ name: 'search', memories, probe, options })
    const { found, compared } = answer as Searched
    return { candidates: this.gallery.candidatesOf(found), compared }
  }

  /** As `Gallery.searchFused`. Rejects as `search`. */
  async searchFused(
    probes: ReadonlyMap<number, Template>,
    { limit = LIMIT_DEFAULT }: { limit?: number } = {},
  ): Promise<FusedCandidate[]> {
    const { memories } = this.gallery
    const answer = await this.idlest().ask({ name: 'people', memories, probes, limit })
    return this.gallery.peopleOf(answer as readonly FoundPerson[])
  }

  /** See `AskedThread.prepare`. */
  prepare(): void {
    for (const thread of this.threads) thread.prepare()
  }

  /** See `AskedThread.rest`. */
  async rest(): Promise<void> {
    await Promise.all(this.threads.map(thread => thread.rest()))
  }

  /** Ends the threads; what they were asked rejects. May be called twice. */
  async close(): Promise<void> {
    await Promise.all(this.threads.map(thread => thread.close()))
  }

  private idlest() {
    return this.threads.reduce((best, thread) => (thread.load < best.load ? thread : best))
  }
}
