import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import type { BytePort } from '../ports/byte-port.ts'

const BITS_PER_BYTE = 10 // start, eight, stop

/** The end of a line that a simulated part holds. */
export interface PartEnd {
  baudRate: number
  write(bytes: Uint8Array): void
  onBytes(listener: (bytes: Uint8Array) => void): void
}

/**
 * A serial line inside this process: takes its time as the baud rate has it, turns bytes into others where the
 * two rates differ, and can be cut.
 */
export class Duplex {
  readonly host: BytePort
  readonly part: PartEnd
  private hostListener: (bytes: Uint8Array) => void = () => {}
  private partListener: (bytes: Uint8Array) => void = () => {}
  private hostBaudRate = 57_600
  private isOpen = false
  private isCut = false
  private cuts = 0
  private readonly freeAtMs = { toHost: 0, toPart: 0 }

  constructor(private readonly clock: Clock) {
    this.part = {
      baudRate: 57_600,
      write: bytes => this.send('toHost', bytes),
      onBytes: listener => {
        this.partListener = listener
      },
    }
    this.host = {
      open: async () => {
        if (this.isCut) throw new KioskError('hal/no-answer')
        this.isOpen = true
      },
      write: async bytes => {
        if (!this.isOpen) throw new KioskError('hal/not-open')
        if (this.isCut) throw new KioskError('hal/no-answer')
        this.send('toPart', bytes)
      },
      onBytes: listener => {
        this.hostListener = listener
      },
      setBaudRate: async baudRate => {
        this.hostBaudRate = baudRate
      },
      close: async () => {
        this.isOpen = false
      },
    }
  }

  /** Pulls the cord: what is on its way is lost. */
  cut(): void {
    this.isCut = true
    this.cuts++
    this.freeAtMs.toHost = 0
    this.freeAtMs.toPart = 0
  }

  mend(): void {
    this.isCut = false
  }

  private send(way: 'toHost' | 'toPart', bytes: Uint8Array): void {
    if (this.isCut) return
    const baudRate = way === 'toHost' ? this.part.baudRate : this.hostBaudRate
    const nowMs = this.clock.monotonicMs()
    const startMs = Math.max(nowMs, this.freeAtMs[way])
    const arrivalMs = startMs + (bytes.length * BITS_PER_BYTE * 1000) / baudRate
    this.freeAtMs[way] = arrivalMs
    const copy = bytes.slice()
    const cuts = this.cuts
    void this.clock.sleep(arrivalMs - nowMs).then(() => {
      if (cuts === this.cuts) this.arrive(way, copy, baudRate)
    })
  }

  private arrive(way: 'toHost' | 'toPart', bytes: Uint8Array, sentAt: number): void {
    const readAt = way === 'toHost' ? this.hostBaudRate : this.part.baudRate
    const heard = readAt === sentAt ? bytes : bytes.map(byte => byte ^ 0xd7)
    if (way === 'toPart') this.partListener(heard)
    else if (this.isOpen) this.hostListener(heard)
  }
}
