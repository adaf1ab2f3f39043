import type { Frame } from '../finger/image/frame.ts'
import type { Template } from '../finger/template/template.ts'

export interface Sample {
  readonly frame: Frame
  template?: Template
}

/**
 * The biometric bytes of one visit, by number. What leaves is zeroed: a dump of the process's memory
 * tells nothing of people who have gone.
 */
export class Samples {
  private readonly held = new Map<number, Sample>()
  private added = 0

  /** Numbers are never used twice, also after `wipe`: an old number finds nothing. */
  add(frame: Frame): number {
    this.held.set(++this.added, { frame })
    return this.added
  }

  get(number: number): Sample | undefined {
    return this.held.get(number)
  }

  get size(): number {
    return this.held.size
  }

  forget(number: number): void {
    zero(this.held.get(number))
    this.held.delete(number)
  }

  /** Forgets all. `until`: somebody still reads them (the store); the bytes are zeroed after that. */
  wipe(until?: Promise<unknown>): void {
    const leaving = [...this.held.values()]
    this.held.clear()
    const zeroAll = () => {
      for (const sample of leaving) zero(sample)
    }
    if (until === undefined) zeroAll()
    else until.then(zeroAll, zeroAll)
  }
}

function zero(sample: Sample | undefined): void {
  sample?.frame.pixels.fill(0)
  if (sample?.template) zeroTemplate(sample.template)
}

export function zeroTemplate({ xPx, yPx, directionRad, kind, reliability, orientation }: Template): void {
  for (const values of [xPx, yPx, directionRad, kind, reliability]) values.fill(0)
  orientation?.angle.fill(0)
  orientation?.coherence.fill(0)
}
