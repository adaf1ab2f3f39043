import type { Clock } from '../../../src/base/clock.ts'
import { KioskError } from '../../../src/base/errors.ts'
import type { Card, CardReader } from '../../ports/card-reader.ts'
import type { I2cBus } from '../../ports/i2c-bus.ts'
import { I2cPart, ignoreSilence, type Turn } from '../../ports/i2c-part.ts'
import type { Reading } from '../../ports/part.ts'
import { PartGate } from '../../ports/part-gate.ts'
import { COMMAND, cardIn, findCard, firmwareVersion, lookThreeTimes, normalMode } from './commands.ts'
import { ACK, decodeFrame, encodeFrame, type Frame, NACK, TFI } from './frame.ts'

export const PN532_ADDRESS = 0x24
/** Every read begins with this byte: whether the rest means anything yet (UM0701-02, section 6.2.4). */
const READY = 0x01
const ACK_BYTES = 1 + 6
const ANSWER_BYTES = 1 + 64
const OPEN_TIMEOUT_MS = 2000
/** The part acknowledges within 15 ms. */
const ACK_TIMEOUT_MS = 50
const ANSWER_TIMEOUT_MS = 500
const POLL_MS = 5
const TRIES_MAX = 3

interface CallOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * A PN532 on I2C, as far as cards show themselves: presence and UID. It reads nothing from a card.
 *
 * A command goes out, the part acknowledges it, and answers once it is ready. What a call that was given up left
 * behind is ended by an acknowledgement from our side before the next command.
 */
export class Pn532 implements CardReader {
  readonly info = { model: 'NXP PN532' } as const
  private readonly gate = new PartGate()
  private readonly part: I2cPart
  private readonly clock: Clock
  private configured = false

  constructor(options: { bus: I2cBus; clock: Clock; address?: number }) {
    this.part = new I2cPart({ address: PN532_ADDRESS, ...options })
    this.clock = options.clock
  }

  async open(): Promise<void> {
    await this.gate.open(signal =>
      this.part.open(async () => {
        await this.configure(this.part.turn(OPEN_TIMEOUT_MS, signal))
      }),
    )
  }

  async waitForCard({ timeoutMs, signal }: CallOptions): Promise<Card> {
    return this.gate.run(signal, async stop => {
      const turn = this.part.turn(timeoutMs, stop)
      // Silence within the last look is not the part's.
      const lastLookMs = turn.deadlineMs - 2 * ANSWER_TIMEOUT_MS
      return this.orConfigureNext(async () => {
        if (!this.configured) await this.configure(turn)
        for (;;) {
          for (const type of ['iso14443a', 'iso14443b'] as const) {
            const card = cardIn(await this.ask(findCard[type], turn), type)
            if (card === undefined) throw this.part.nonsense('the answer is no card')
            if (card !== 'none') return card
          }
          if (this.clock.monotonicMs() >= lastLookMs) throw new KioskError('hal/no-card', { timeoutMs })
        }
      })
    })
  }

  async diagnose({ timeoutMs, signal }: CallOptions): Promise<readonly Reading[]> {
    return this.gate.run(signal, async stop => {
      const turn = this.part.turn(timeoutMs, stop)
      return this.orConfigureNext(async () => [
        { name: 'firmware', value: await this.version(turn) },
        { name: 'card', value: cardIn(await this.ask(findCard.iso14443a, turn), 'iso14443a') !== 'none' },
      ])
    })
  }

  async close(): Promise<void> {
    this.gate.close()
    await this.part.close()
  }

  private async configure(turn: Turn): Promise<void> {
    await this.version(turn)
    await this.ask(normalMode, turn)
    await this.ask(lookThreeTimes, turn)
    this.configured = true
  }

  private async version(turn: Turn): Promise<string> {
    const version = firmwareVersion(await this.ask([COMMAND.getFirmwareVersion], turn))
    if (version === undefined) throw new KioskError('hal/wrong-part', { address: PN532_ADDRESS })
    return version
  }

  /** After any failure the part may have lost its power: the next call begins from the beginning. */
  private async orConfigureNext<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task()
    } catch (cause) {
      if (!(cause instanceof KioskError) || cause.code !== 'hal/no-card') this.configured = false
      throw cause
    }
  }

  /** The answer to a command, behind its code. A command that got lost, or was not understood, is repeated. */
  private async ask(command: ArrayLike<number>, turn: Turn): Promise<Uint8Array> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      if (tries > 0) await this.abandon(turn)
      if (!(await this.send(command, turn))) continue
      const answer = await this.answer(turn)
      if (answer?.kind === 'data' && answer.tfi === TFI.fromPart && answer.data[0] === command[0] + 1)
        return answer.data.subarray(1)
    }
    throw this.part.silence()
  }

  /** Whether the part acknowledged the command. */
  private async send(command: ArrayLike<number>, turn: Turn): Promise<boolean> {
    const sent = await this.part.transfer(encodeFrame(TFI.toPart, command), 0, turn).catch(ignoreSilence)
    // It may have slept: the address alone wakes it, for the next try.
    if (sent === undefined) return false
    return (await this.ready(ACK_BYTES, ACK_TIMEOUT_MS, turn))?.kind === 'ack'
  }

  /** The answer frame; asked for once more where its sums are wrong. */
  private async answer(turn: Turn): Promise<Frame | undefined> {
    const first = await this.ready(ANSWER_BYTES, ANSWER_TIMEOUT_MS, turn)
    if (first !== undefined) return first
    await this.part.transfer(NACK, 0, turn).catch(ignoreSilence)
    return this.ready(ANSWER_BYTES, ACK_TIMEOUT_MS, turn)
  }

  /** The frame that the part has ready within `timeMs`; undefined where it has none, or one with wrong sums. */
  private async ready(bytesMax: number, timeMs: number, turn: Turn): Promise<Frame | undefined> {
    const endMs = this.clock.monotonicMs() + timeMs
    while (this.clock.monotonicMs() < endMs) {
      const bytes = await this.part.transfer([], bytesMax, turn).catch(ignoreSilence)
      if (bytes !== undefined && bytes[0] === READY) return decodeFrame(bytes.subarray(1))
      await this.part.pause(POLL_MS, turn)
    }
    return undefined
  }

  /** Ends whatever the part still does for a command before. */
  private async abandon(turn: Turn): Promise<void> {
    await this.part.transfer(ACK, 0, turn).catch(ignoreSilence)
    await this.part.pause(POLL_MS, turn)
  }
}
