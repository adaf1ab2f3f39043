import { z } from 'zod'
import type { Kiosk } from '../../kiosk.ts'
import type { Command } from '../command.ts'
import { commandSchema } from '../local/ask-local.ts'
import { answerCommand, badQuestion, type Say, serveLocal } from '../local/serve-local.ts'
import { asLine, statusText } from './follow.ts'
import {
  enrolAndFollow,
  framesOf,
  type ImageEnrolmentRequest,
  imageEnrolmentSchema,
} from './image-enrolment.ts'

const questionSchema = z.discriminatedUnion('ask', [imageEnrolmentSchema, commandSchema])

/** What can be asked of a kiosk that runs; until the returned function is called. */
export async function serveCommands(
  kiosk: Kiosk,
  data: string,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  return serveLocal(data, 'kiosk', async (asked, say, gone) => {
    const parsed = questionSchema.safeParse(asked)
    if (!parsed.success) throw badQuestion('the request is not as it must be')
    const question = parsed.data
    // A record that was begun is brought to its end, whoever is still there to hear of it.
    if (question.ask === 'enrol') return enrol(kiosk, question, say, signal)
    const methodOf = ({ inKiosk }: Command) => inKiosk
    return answerCommand(question, {
      service: kiosk,
      methodOf,
      say,
      signal: AbortSignal.any([signal, gone]),
    })
  })
}

function enrol(
  kiosk: Kiosk,
  question: ImageEnrolmentRequest,
  say: Say,
  signal: AbortSignal,
): ReturnType<typeof enrolAndFollow> {
  const { nik, waitMs } = question
  const print = (line: Parameters<typeof asLine>[0]) => say({ line: asLine(line), text: statusText(line) })
  return enrolAndFollow(kiosk, { nik, frames: framesOf(question), waitMs, signal, print })
}
