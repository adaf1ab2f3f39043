import type { Comparison, Engine, Quality } from '../engine.ts'
import type { Frame } from '../image/frame.ts'
import type { Template } from '../template/template.ts'
import { AskedThread } from './asked-thread.ts'

export type EngineQuestion =
  | { readonly name: 'sample'; readonly frame: Frame }
  | { readonly name: 'compare'; readonly a: Template; readonly b: Template }
type Sample = { quality: Quality; template: Template }

/** More than a visit ever asks for at once; a caller beyond it has lost count. */
const CALLS_MAX = 64

/** The engine on a thread of its own, so that the kiosk's page and relay go on while an image is worked on. */
export class WorkerEngine implements Engine {
  private readonly thread = new AskedThread<EngineQuestion, Sample | Comparison>('engine-thread', CALLS_MAX)

  async sample(frame: Frame): Promise<Sample> {
    return (await this.thread.ask({ name: 'sample', frame })) as Sample
  }

  async compare(a: Template, b: Template): Promise<Comparison> {
    return (await this.thread.ask({ name: 'compare', a, b })) as Comparison
  }

  /** See `AskedThread.prepare`. */
  prepare(): void {
    this.thread.prepare()
  }

  /** See `AskedThread.rest`. */
  rest(): Promise<void> {
    return this.thread.rest()
  }

  /** Ends the thread; what it was asked rejects. May be called twice. */
  close(): Promise<void> {
    return this.thread.close()
  }
}
