import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

export interface GeneratorOptions {
  readonly names: readonly string[]
  /** So many of the first have keys of their own, in a folder of their name. */
  readonly ownKeys: number
  /** Folder of key folders; `kiosk` is what the others share. */
  readonly keys: string
  /** Folder for what kiosks keep. */
  readonly data: string
  readonly url: string
  readonly startsPerSecond: number
  readonly firstPerson: number
  /** As in a kiosk's own file. */
  readonly settings: Readonly<Record<string, unknown>>
}

export type GeneratorOrder = { do: 'state' | 'attempts' } | { do: 'enrol'; perSecond: number; count: number }

export interface GeneratorState {
  readonly started: number
  readonly connected: number
  readonly waiting: number
  readonly enrolled: number
  readonly printReady: number
  readonly cpuSeconds: number
  readonly rssMib: number
}

/** Several processes of light kiosks as one. */
export class Generators {
  private readonly children: ChildProcess[]

  constructor(
    program: string,
    private readonly options: readonly GeneratorOptions[],
  ) {
    this.children = options.map(each => fork(program, [JSON.stringify(each)], { stdio: 'inherit' }))
  }

  /** Sums over all processes. */
  async state(): Promise<GeneratorState> {
    const states = await this.ask<GeneratorState>('state')
    const sum = (name: keyof GeneratorState) => states.reduce((total, each) => total + each[name], 0)
    return {
      started: sum('started'),
      connected: sum('connected'),
      waiting: sum('waiting'),
      enrolled: sum('enrolled'),
      printReady: sum('printReady'),
      cpuSeconds: sum('cpuSeconds'),
      rssMib: sum('rssMib'),
    }
  }

  /** Connections begun since this was last asked, and the most in any second, wherever it begins. */
  async attempts(): Promise<{ readonly count: number; readonly perSecondMax: number }> {
    const timesMs = (await this.ask<number[]>('attempts')).flat().sort((a, b) => a - b)
    let [perSecondMax, first] = [0, 0]
    for (const [index, atMs] of timesMs.entries()) {
      while (timesMs[first] <= atMs - 1_000) first++
      perSecondMax = Math.max(perSecondMax, index - first + 1)
    }
    return { count: timesMs.length, perSecondMax }
  }

  private ask<Answer>(what: 'state' | 'attempts'): Promise<Answer[]> {
    return Promise.all(
      this.children.map(async child => {
        const answer = once(child, 'message')
        child.send({ do: what } satisfies GeneratorOrder)
        return (await answer)[0] as Answer
      }),
    )
  }

  /** `perSecond` and `count` of all together. Resolves at once. */
  enrol(perSecond: number, count: number): void {
    const able = this.children.filter((_, index) => this.options[index].ownKeys > 0)
    for (const child of able)
      child.send({
        do: 'enrol',
        perSecond: perSecond / able.length,
        count: count / able.length,
      } satisfies GeneratorOrder)
  }

  /** The state once it is so; undefined where it is not in time. */
  async until(
    condition: (state: GeneratorState) => boolean,
    timeoutMs: number,
    onLook: (state: GeneratorState) => void = () => {},
  ): Promise<GeneratorState | undefined> {
    const endMs = performance.now() + timeoutMs
    for (;;) {
      const state = await this.state()
      onLook(state)
      if (condition(state)) return state
      if (performance.now() > endMs) return undefined
      await sleep(250)
    }
  }

  /** At once: nobody says goodbye. */
  async kill(): Promise<void> {
    for (const child of this.children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    }
  }
}
