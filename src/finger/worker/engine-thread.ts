/** The thread of `worker-engine.ts`. */
import { answerQuestions } from './answer-questions.ts'
import { localEngine } from './local-engine.ts'
import type { EngineQuestion } from './worker-engine.ts'

answerQuestions<EngineQuestion>(
  question =>
    question.name === 'compare'
      ? localEngine.compare(question.a, question.b)
      : localEngine.sample(question.frame),
  question => {
    // This thread's copy of the image; the caller wipes its own.
    if (question.name === 'sample') question.frame.pixels.fill(0)
  },
)
