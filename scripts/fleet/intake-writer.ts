import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Kv } from '../../src/kv/kv.ts'
import { openLevelKv } from '../../src/kv/level.ts'

export interface IntakeWord {
  readonly call: string
  readonly id: string
  readonly kiosk: string
  readonly cpuSeconds: number
}
export interface HeldWord {
  readonly call: string
  readonly isNew: boolean
}

/** The one writer behind any number of intake workers: a submission is held once, by its id, on the disk. */
export class IntakeWriter {
  private readonly workers = new Map<ChildProcess, number>()
  /** Ids that are on the disk, or on their way there. */
  private readonly known = new Map<string, Promise<void>>()
  /** Submissions that came, copies of earlier ones too. */
  arrivals = 0

  private constructor(
    private readonly program: string,
    private readonly kv: Kv,
  ) {}

  static async open(program: string, folder: string): Promise<IntakeWriter> {
    return new IntakeWriter(program, await openLevelKv(folder))
  }

  get held(): number {
    return this.known.size
  }

  /** Of workers that are there. */
  get workerCpuSeconds(): number {
    return [...this.workers.values()].reduce((sum, each) => sum + each, 0)
  }

  startWorker(url: string, keys: string): ChildProcess {
    const worker = fork(this.program, [url, keys], { stdio: 'inherit' })
    this.workers.set(worker, 0)
    worker.on('message', (word: IntakeWord) => {
      this.workers.set(worker, word.cpuSeconds)
      void this.take(word).then(isNew => {
        if (worker.connected) worker.send({ call: word.call, isNew } satisfies HeldWord)
      })
    })
    return worker
  }

  async kill(worker: ChildProcess): Promise<void> {
    if (worker.exitCode !== null || worker.signalCode !== null) return
    const exit = once(worker, 'exit')
    worker.kill('SIGKILL')
    await exit
  }

  /** What the disk holds, counted there. */
  async count(): Promise<number> {
    let count = 0
    for await (const _ of this.kv.range({ from: 'submission/', to: 'submission/\uffff' })) count++
    return count
  }

  async close(): Promise<void> {
    for (const worker of this.workers.keys()) await this.kill(worker)
    await this.kv.close()
  }

  private async take({ id, kiosk }: IntakeWord): Promise<boolean> {
    this.arrivals++
    const before = this.known.get(id)
    const written = before ?? this.kv.write([{ put: `submission/${id}`, value: Buffer.from(kiosk) }])
    this.known.set(id, written)
    await written
    return before === undefined
  }
}
