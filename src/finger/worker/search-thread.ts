/** A thread of `search-pool.ts`: `workerData` is its number among those that search the gallery. */
import { workerData } from 'node:worker_threads'
import { GallerySearch } from '../prefilter/gallery-search.ts'
import type { Template } from '../template/template.ts'
import { answerQuestions } from './answer-questions.ts'
import type { SearchQuestion } from './search-pool.ts'

const search = new GallerySearch()

answerQuestions<SearchQuestion>(
  question => {
    search.open(question.memories, workerData as number)
    return question.name === 'search'
      ? search.search(question.probe, question.options)
      : search.searchPeople(question.probes, question.limit)
  },
  question => {
    // This thread's copies; the caller wipes its own.
    const probes = question.name === 'search' ? [question.probe] : question.probes.values()
    for (const probe of probes) wipe(probe)
  },
)

function wipe({ xPx, yPx, directionRad, reliability, kind, orientation }: Template): void {
  for (const column of [xPx, yPx, directionRad, reliability, kind]) column.fill(0)
  orientation?.angle.fill(0)
  orientation?.coherence.fill(0)
}
