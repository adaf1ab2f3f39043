/**
 * A set of templates that can be searched by one: who is this? Every template has its own id.
 */
import { type Prepared, prepare, scoreOf } from '../compare/compare.ts'
import type { Candidate, SearchOptions, SearchResult } from '../engine.ts'
import type { Template } from '../template/template.ts'

const LIMIT_DEFAULT = 10

export class Gallery {
  private readonly entries = new Map<string, Prepared>()

  get size(): number {
    return this.entries.size
  }

  /** Takes the place of an earlier template of this id. */
  add(id: string, template: Template): void {
    this.entries.set(id, prepare(template))
  }

  /** Whether the id was there. */
  remove(id: string): boolean {
    return this.entries.delete(id)
  }

  /**
   * The candidates that score best against the probe: at most `limit` (10) of `scoreMin` (0) and more,
   * best first, equal scores by id.
   */
  search(probe: Template, { limit = LIMIT_DEFAULT, scoreMin = 0 }: SearchOptions = {}): SearchResult {
    const prepared = prepare(probe)
    const candidates: Candidate[] = []
    for (const [id, entry] of this.entries) {
      const score = scoreOf(prepared, entry)
      if (score >= scoreMin) candidates.push({ id, score })
    }
    candidates.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    return { candidates: candidates.slice(0, limit), compared: this.entries.size }
  }
}
