import type { Clock } from '../../src/base/clock.ts'
import { COMMAND, findCard, IC_PN532 } from '../drivers/pn532/commands.ts'
import { ACK, decodeFrame, encodeFrame, TFI } from '../drivers/pn532/frame.ts'
import type { Card } from '../ports/card-reader.ts'
import type { I2cDevice } from './i2c-controller.ts'

const ACK_MS = 2
const ANSWER_MS = 4
const LOOK_MS = 60

/** A PN532 as it is seen from its wires. */
export class Pn532Device implements I2cDevice {
  /** What lies on the antenna. */
  card: Card | undefined
  /** A fault: acknowledges nothing. */
  silent = false
  /** A fault: so many answers, from the next on, come with a bit flipped. */
  spoiltAnswers = 0
  /** A fault: so many commands, from the next on, are not heard. */
  deafFor = 0
  /** The commands that were understood, oldest first: their codes. */
  readonly heard: number[] = []
  private configured = false
  private frames: { readonly bytes: Uint8Array; readonly atMs: number }[] = []
  private lastAnswer: Uint8Array | undefined

  constructor(private readonly clock: Clock) {}

  losePower(): void {
    this.configured = false
    this.frames = []
  }

  write(bytes: Uint8Array): boolean {
    if (this.silent) return false
    const frame = decodeFrame(bytes)
    if (frame?.kind === 'ack') this.frames = []
    else if (frame?.kind === 'nack' && this.lastAnswer !== undefined) this.say(this.lastAnswer, ANSWER_MS)
    else if (frame?.kind === 'data' && frame.tfi === TFI.toPart) this.obey(frame.data)
    return true
  }

  read(length: number): Uint8Array | undefined {
    if (this.silent) return undefined
    const [frame] = this.frames
    if (frame === undefined || this.clock.monotonicMs() < frame.atMs) return new Uint8Array(length)
    this.frames.shift()
    const bytes = Uint8Array.of(0x01, ...frame.bytes)
    if (bytes.length > ACK.length + 1 && this.spoiltAnswers > 0) {
      this.spoiltAnswers--
      bytes[bytes.length - 3] ^= 0x04
    }
    return bytes
  }

  private obey(data: Uint8Array): void {
    if (this.deafFor > 0) {
      this.deafFor--
      return
    }
    const [command] = data
    this.heard.push(command)
    this.frames = []
    this.say(ACK, ACK_MS)
    if (command === COMMAND.getFirmwareVersion) this.answer(command, [IC_PN532, 1, 6, 7])
    else if (command === COMMAND.rfConfiguration) this.answer(command, [])
    else if (command === COMMAND.samConfiguration) {
      this.configured = true
      this.answer(command, [])
    } else if (command !== COMMAND.inListPassiveTarget) this.say(encodeFrame(TFI.error, []), ANSWER_MS)
    // From power-on until it is configured it finds nothing and does not say so.
    else if (this.configured) this.answer(command, this.found(data), LOOK_MS)
  }

  private found([, , kind]: Uint8Array): number[] {
    const { card } = this
    const wanted = kind === findCard.iso14443a[2] ? 'iso14443a' : 'iso14443b'
    if (card?.type !== wanted) return [0]
    if (wanted === 'iso14443a') return [1, 1, 0x00, 0x04, 0x08, card.uid.length, ...card.uid]
    return [1, 1, 0x50, ...card.uid, 0, 0, 0, 0, 0x00, 0x81, 0x81, 1, 0]
  }

  private answer(command: number, data: readonly number[], timeMs = ANSWER_MS): void {
    this.lastAnswer = encodeFrame(TFI.fromPart, [command + 1, ...data])
    this.say(this.lastAnswer, timeMs)
  }

  private say(bytes: Uint8Array, timeMs: number): void {
    const afterMs = Math.max(this.clock.monotonicMs(), this.frames.at(-1)?.atMs ?? 0)
    this.frames.push({ bytes, atMs: afterMs + timeMs })
  }
}
