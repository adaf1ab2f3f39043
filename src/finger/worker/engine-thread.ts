/** The other end of `worker-engine.ts`: one call after another, on a thread of its own. */
import { parentPort } from 'node:worker_threads'
import { KioskError } from '../../base/errors.ts'
import { localEngine } from './local-engine.ts'
import type { Answer, Call } from './worker-engine.ts'

parentPort?.on('message', async (call: Call) => {
  parentPort?.postMessage(await answer(call))
})

async function answer(call: Call): Promise<Answer> {
  try {
    if (call.name === 'compare')
      return { number: call.number, value: await localEngine.compare(call.a, call.b) }
    const value = await localEngine.sample(call.frame)
    return { number: call.number, value }
  } catch (error) {
    if (error instanceof KioskError)
      return { number: call.number, error: { code: error.code, details: error.details } }
    // The message may not cross: an assertion's text can hold values of a finger.
    return { number: call.number, crashed: true }
  } finally {
    // This thread's copy of the image; the caller wipes its own.
    if (call.name === 'sample') call.frame.pixels.fill(0)
  }
}
