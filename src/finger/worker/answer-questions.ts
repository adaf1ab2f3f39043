/** The other end of `asked-thread.ts`: one question after another, on a thread of its own. */
import { parentPort } from 'node:worker_threads'
import { KioskError } from '../../base/errors.ts'
import type { Answer, Numbered } from './asked-thread.ts'

/** `wipe` comes after each question, answered or not. */
export function answerQuestions<Question>(
  answer: (question: Question) => unknown,
  wipe: (question: Question) => void,
): void {
  parentPort?.on('message', async (asked: Numbered<Question>) => {
    parentPort?.postMessage(await settled(asked, answer))
    wipe(asked.question)
  })
}

async function settled<Question>(
  { number, question }: Numbered<Question>,
  answer: (question: Question) => unknown,
): Promise<Answer> {
  try {
    return { number, value: await answer(question) }
  } catch (error) {
    if (error instanceof KioskError) return { number, error: { code: error.code, details: error.details } }
    // The message may not cross: an assertion's text can hold values of a finger.
    return { number, crashed: true }
  }
}
