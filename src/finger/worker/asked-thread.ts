/**
 * A thread of its own that answers questions, in the order in which they are asked.
 *
 * A thread that dies rejects what it was asked with `finger/engine-stopped` and is replaced at the next question: one
 * bad image must not end the kiosk.
 */
import { Worker } from 'node:worker_threads'
import { type ErrorCode, KioskError } from '../../base/errors.ts'

export type Numbered<Question> = { readonly number: number; readonly question: Question }
export type Answer = { readonly number: number } & (
  | { readonly value: unknown }
  | { readonly error: { readonly code: ErrorCode; readonly details: KioskError['details'] } }
  | { readonly crashed: true }
)
type Waiting<Value> = { resolve(value: Value): void; reject(error: unknown): void }

export class AskedThread<Question, Value> {
  private thread: Worker | undefined
  private readonly waiting = new Map<number, Waiting<Value>>()
  private asked = 0

  /** `name`: of the file beside this one that the thread runs. */
  constructor(
    private readonly name: string,
    private readonly questionsMax: number,
    private readonly workerData?: unknown,
  ) {}

  /** How many questions wait for their answer. */
  get load(): number {
    return this.waiting.size
  }

  /** Rejects with `finger/engine-busy`, `finger/engine-stopped`, and what the thread says. */
  ask(question: Question): Promise<Value> {
    if (this.waiting.size >= this.questionsMax)
      return Promise.reject(new KioskError('finger/engine-busy', { calls: this.questionsMax }))
    const thread = (this.thread ??= this.start())
    const number = ++this.asked
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { resolve, reject })
      // While somebody waits the process must not end; an idle thread does not hold it.
      thread.ref()
      thread.postMessage({ number, question } satisfies Numbered<Question>)
    })
  }

  /** Starts the thread, so that the first question need not wait for it. May be called twice. */
  prepare(): void {
    if (this.thread !== undefined) return
    this.thread = this.start()
    this.thread.unref()
  }

  /**
   * Ends a thread that has nothing to do, until the next question: what it still holds of a finger ends with its
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

  private start(): Worker {
    const thread = newThread(this.name, this.workerData)
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
    if ('value' in answer) waiting.resolve(answer.value as Value)
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

function newThread(name: string, workerData: unknown): Worker {
  // Bundled, the thread's code stands beside the caller's.
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL(`./${name}.js`, import.meta.url), { workerData })
  // From source, in development: Node 20 needs the TypeScript loader registered on the thread itself.
  const source = new URL(`./${name}.ts`, import.meta.url).href
  const program = `import('tsx/esm/api').then(({ register }) => {
    register()
    return import(${JSON.stringify(source)})
  })`
  return new Worker(program, { eval: true, workerData })
}
