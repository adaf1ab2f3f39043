import type { Citizen } from '../../hal/sim/citizen.ts'
import type { ZfmModule } from '../../hal/sim/zfm-module.ts'
import type { VisitCommand, VisitView } from '../../src/record/visit-view.ts'
import type { KioskPage } from './kiosk-page.ts'
import { LINE } from './lines-of-board.ts'
import type { Pins } from './pins.ts'

type Command = VisitCommand extends infer T ? (T extends unknown ? Omit<T, 'visit'> : never) : never

/** Somebody in front of the emulated kiosk: their fingers on its sensor, and, if asked, on its screen. */
export class Visitor {
  private readonly placements = new Map<number, number>()
  private placedFor = ''

  constructor(
    private readonly citizen: Citizen,
    private readonly sensor: ZfmModule,
    private readonly pins: Pins,
  ) {}

  /** Places and lifts fingers as the screen says. The module's wake line is low while one lies there. */
  async follow(view: VisitView): Promise<void> {
    const wanted =
      view.step === 'capture' && view.phase === 'placing' ? `${view.position}.${view.attempt}` : ''
    if (wanted === this.placedFor) return
    // Somebody whose sensor fails leaves the finger where it is.
    if (view.step === 'capture' && view.phase === 'sensor-fault') return
    this.placedFor = wanted
    if (view.step !== 'capture' || wanted === '') {
      this.sensor.finger = undefined
      return this.pins.set(LINE.wake, 1)
    }
    const placement = this.placements.get(view.position) ?? 0
    this.placements.set(view.position, placement + 1)
    this.sensor.finger = this.citizen.place(view.position, placement)
    await this.pins.set(LINE.wake, 0)
  }

  /** What they touch on the screen then; nothing where they wait. */
  touches(view: VisitView, nik: string): Command | undefined {
    if (view.stillThere) return { name: 'keep-alive' }
    switch (view.step) {
      case 'idle':
        return { name: 'begin', language: 'id' }
      case 'identify':
        return { name: 'nik', text: nik }
      case 'confirm':
        return { name: 'confirm' }
      case 'consent':
        return { name: 'consent', agreed: true }
      case 'review':
        return { name: 'submit' }
      default:
        return undefined
    }
  }
}

/**
 * One whole visit at the screen and the sensor; resolves with the last view, of a receipt that is printed or shown.
 * `onView` hears each view first: what happens to parts meanwhile is its business.
 */
export async function enrolAtScreen(
  page: KioskPage,
  visitor: Visitor,
  nik: string,
  onView: (view: VisitView) => void = () => {},
): Promise<Extract<VisitView, { step: 'done' }>> {
  let begun = false
  let work: Promise<unknown> = Promise.resolve()
  let stop = () => {}
  try {
    return await new Promise((resolve, reject) => {
      const hear = (view: VisitView) => {
        onView(view)
        if (view.step === 'done' && view.receipt !== 'printing') resolve(view)
        if (view.step === 'idle' && begun) reject(new Error(`the visit ended: ${view.notice}`))
        begun ||= view.step !== 'idle'
        work = work
          .then(() => visitor.follow(view))
          .then(() => {
            const touch = visitor.touches(view, nik)
            return touch && page.command({ ...touch, visit: view.visit } as VisitCommand)
          })
          .catch(reject)
      }
      page.onView(hear).then(end => {
        stop = end
      }, reject)
    })
  } finally {
    stop()
    await work
  }
}
