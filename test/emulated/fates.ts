import type { EmulatedKiosk } from '../../scripts/emulated/emulated-kiosk.ts'
import type { VisitView } from '../../src/record/visit-view.ts'
import { until } from '../support/until.ts'

/** The finger at whose image the sensor's cord is pulled. */
export const UNPLUGGED_AT = 3
/** Of an image's 37,000 bytes, and of a receipt's lines: somewhere in the middle. */
const BYTES_BEFORE_PULLED = 12_000
const LINES_BEFORE_END = 12
const NEW_ROLL_LINES = 2000
const PAPER_MS_MAX = 60_000

/** What happens to a kiosk's parts during a visit: the sensor's cord is pulled once, and the paper ends once. */
export class Fates {
  paperEnded = false
  private cord: 'in' | 'about to be pulled' | 'plugged back' = 'in'
  private roll: 'old' | 'new' = 'old'
  private work: Promise<unknown> = Promise.resolve()

  constructor(private readonly kiosk: EmulatedKiosk) {}

  meet(view: VisitView): void {
    const { cord, module, printer } = this.kiosk
    if (view.step === 'capture' && view.position === UNPLUGGED_AT) {
      if (this.cord === 'in') {
        this.cord = 'about to be pulled'
        cord.pullAfter(BYTES_BEFORE_PULLED)
      } else if (this.cord === 'about to be pulled' && view.phase === 'sensor-fault') {
        this.cord = 'plugged back'
        this.work = cord.plug().then(() => module.powerCycle())
      }
    }
    if (view.step === 'storing' && this.roll === 'old') {
      this.roll = 'new'
      printer.paperLines = LINES_BEFORE_END
      this.work = this.work.then(() => this.refill())
    }
  }

  /** Rejects where something could not happen. */
  async settled(): Promise<void> {
    await this.work
  }

  private async refill(): Promise<void> {
    const { printer } = this.kiosk
    await until(() => printer.paperLines === 0, PAPER_MS_MAX)
    this.paperEnded = true
    // Long enough for the kiosk to have asked, and to know.
    await new Promise(resolve => setTimeout(resolve, 2000))
    printer.paperLines = NEW_ROLL_LINES
  }
}
