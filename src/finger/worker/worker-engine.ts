/**
 * The engine on a thread of its own, so that the kiosk's page and relay go on while an image is worked on.
 *
 * Calls are answered in order. A thread that dies rejects what it was asked with `finger/engine-stopped`
 * and is replaced at the next call: one bad image must not end the kiosk.
 */
import { Worker } from 'node:worker_threads'
import { type ErrorCode, KioskError } from '../../base/errors.ts'
import type { Comparison, Engine, Quality } from '../engine.ts'
import type { Frame } from '../image/frame.ts'
import type { Template } from '../template/template.ts'

export type Call = { number: number } & (
  | { name: 'sample'; frame: Frame }
  | { name: 'compare'; a: Template; b: Template }
)
export type Answer = { number: number } & (
  | { value: Sample | Comparison }
  | { error: { code: ErrorCode; details: KioskError['details'] } }
  | { crashed: true }
)
type Sample = { quality: Quality; template: Template }
type Waiting = { resolve(value: Sample | Comparison): void; reject(error: unknown): void }

/** More than a visit ever asks for at once; a caller beyond it has lost count. */
const CALLS_MAX = 64

/** Bundled, the thread's code stands beside the caller's. */
const BUNDLED = new URL('./engine-thread.js', import.meta.url)
/** From source, in development: Node 20 needs the TypeScript loader registered on the thread itself. */
const FROM_SOURCE = `import('tsx/esm/api').then(({ register }) => {
  register()
  return import(${JSON.stringify(new URL('./engine-thread.ts', import.meta.url).href)})
})`

function newThread(): Worker {
  return import.meta.url.endsWith('.ts') ? new Worker(FROM_SOURCE, { eval: true }) : new Worker(BUNDLED)
}

export class WorkerEngine implements Engine {
  private thread: Worker | undefined
  private readonly waiting = new Map<number, Waiting>()
  private calls = 0

  async sample(frame: Frame): Promise<Sample> {
    return (await this.ask({ number: ++this.calls, name: 'sample', frame })) as Sample
  }

  async compare(a: Template, b: Template): Promise<Comparison> {
    return (await this.ask({ number: ++this.calls, name: 'compare', a, b })) as Comparison
  }

  /** Starts the thread, so that the first call need not wait for it. May be called twice. */
  prepare(): void {
    if (this.thread !== undefined) return
    this.thread = this.start()
    this.thread.unref()
  }

  /**
   * Ends a thread that has nothing to do, until the next call: what it still holds of a finger ends with its
   * memory, and that of an idle engine is 30 MiB.
   */
  async rest(): Promise<void> {
    if (this.waiting.size > 0) return
    await this.close()
  }

  /** Ends the thread; what it was asked rejects. May be called twice. */
  async close(): Promise<void> {
    const thread = this.thread
    this.stopped()
    await thread?.terminate()
  }

  private ask(call: Call): Promise<Sample | Comparison> {
    if (this.waiting.size >= CALLS_MAX)
      return Promise.reject(new KioskError('finger/engine-busy', { calls: CALLS_MAX }))
    const thread = (this.thread ??= this.start())
    return new Promise((resolve, reject) => {
      this.waiting.set(call.number, { resolve, reject })
      // While somebody waits the process must not end; an idle engine does not hold it.
      thread.ref()
      thread.postMessage(call)
    })
  }

  private start(): Worker {
    const thread = newThread()
    const stopped = () => {
      if (this.thread === thread) this.stopped()
    }
    thread.on('message', (answer: Answer) => this.settle(answer))
    thread.on('error', stopped)
    thread.on('exit', stopped)
    return thread
  }

  private settle(answer: Answer): void {
    const waiting = this.waiting.get(answer.number)
    this.waiting.delete(answer.number)
    if (this.waiting.size === 0) this.thread?.unref()
    if (waiting === undefined) return
    if ('value' in answer) waiting.resolve(answer.value)
    else if ('error' in answer) waiting.reject(new KioskError(answer.error.code, answer.error.details))
    else waiting.reject(new KioskError('finger/engine-stopped'))
  }

  private stopped(): void {
    this.thread = undefined
    const lost = [...this.waiting.values()]
    this.waiting.clear()
    for (const { reject } of lost) reject(new KioskError('finger/engine-stopped'))
  }
}
