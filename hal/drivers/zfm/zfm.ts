import type { Clock } from '../../../src/base/clock.ts'
import { KioskError } from '../../../src/base/errors.ts'
import type { Frame } from '../../../src/finger/image/frame.ts'
import type { BytePort } from '../../ports/byte-port.ts'
import type { CaptureOptions, FingerprintSensor } from '../../ports/fingerprint-sensor.ts'
import type { GpioInput } from '../../ports/gpio-line.ts'
import type { Reading } from '../../ports/part.ts'
import { PartGate } from '../../ports/part-gate.ts'
import {
  auraLed,
  CONFIRMATION,
  decodeSystemParameters,
  genImg,
  type LedColour,
  type LedPattern,
  readSysPara,
  type SystemParameters,
  setBaudRate,
  unpackImage,
  upImage,
  verifyPassword,
} from './commands.ts'
import { ZfmLink } from './link.ts'
import { ADDRESS_DEFAULT } from './packet.ts'

/** An image takes seconds on the wire, and none of these modules looks for false fingers. */
const plainModule = { previewHz: 0, slap: false, presentationAttackDetection: 'none' } as const

/** What the data sheets say of each module. The optical ones give 500 dpi and have no light to command. */
export const zfmModels = {
  r503: {
    info: { model: 'GROW R503', widthPx: 192, heightPx: 192, resolutionDpi: 508, ...plainModule },
    hasLed: true,
  },
  'zfm-20': {
    info: { model: 'ZFM-20', widthPx: 256, heightPx: 288, resolutionDpi: 500, ...plainModule },
    hasLed: false,
  },
} as const
export type ZfmModel = keyof typeof zfmModels

export interface ZfmOptions {
  readonly port: BytePort
  readonly clock: Clock
  readonly model: ZfmModel
  readonly password?: number
  readonly address?: number
  /** The rate that the module is set to, once; modules leave the factory at 57,600. */
  readonly baudRate?: ZfmBaudRate
  /** Its wake line, active while a finger lies there. Without one, or where it fails, the module itself is asked. */
  readonly wake?: GpioInput
}

export const zfmBaudRates = [57_600, 9600, 19_200, 38_400, 115_200] as const
export type ZfmBaudRate = (typeof zfmBaudRates)[number]

export function isZfmBaudRate(baudRate: number): baudRate is ZfmBaudRate {
  return zfmBaudRates.some(rate => rate === baudRate)
}

const ANSWER_TIMEOUT_MS = 1000 // taking an image is the slowest: half a second
const KNOCK_TIMEOUT_MS = 300
const TRIES_MAX = 3
const POLL_MS = 50
/** An edge can be lost, and a line be wired wrongly. */
const WAKE_POLL_MS = 350
/** With less time left than a poll may take, nobody placed a finger. */
const POLL_MS_MAX = 400
const BAUD_RATE_FACTORY = 57_600

/** One of the ZFM family of fingerprint modules on a serial port. An image takes 2-6 s on the wire. */
export class ZfmSensor implements FingerprintSensor {
  readonly info: FingerprintSensor['info']
  private readonly gate = new PartGate()
  private readonly link: ZfmLink
  private readonly options: Required<Omit<ZfmOptions, 'wake'>> & Pick<ZfmOptions, 'wake'>
  private linked = false

  constructor(options: ZfmOptions) {
    const { password = 0, address = ADDRESS_DEFAULT, baudRate = BAUD_RATE_FACTORY } = options
    this.options = { ...options, password, address, baudRate }
    this.info = zfmModels[options.model].info
    this.link = new ZfmLink(options.port, options.clock, address)
  }

  /** Rejects with `hal/no-answer`, or `hal/wrong-part` where the password or the answers are not a module's. */
  async open(): Promise<void> {
    await this.gate.open(async signal => {
      await this.connect({ signal, deadlineMs: Number.POSITIVE_INFINITY })
      await this.options.wake?.open().catch(() => {})
    })
  }

  async capture(options: CaptureOptions): Promise<Frame> {
    const deadlineMs = this.options.clock.monotonicMs() + options.timeoutMs
    return this.inTouch({ ...options, deadlineMs }, async turn => {
      await this.light('breathe', 'cyan', turn)
      await this.takeImage(turn)
      options.onContact?.()
      const frame = await this.fetchImage(turn)
      await this.light('on', 'green', turn)
      return frame
    })
  }

  async diagnose(options: { timeoutMs: number; signal: AbortSignal }): Promise<readonly Reading[]> {
    const deadlineMs = this.options.clock.monotonicMs() + options.timeoutMs
    return this.inTouch({ ...options, deadlineMs }, async turn => {
      const parameters = await this.parameters(turn)
      const { wake } = this.options
      const touched = wake && (await wake.read().catch(() => undefined))
      return [
        { name: 'model', value: this.info.model },
        { name: 'line rate', value: parameters.baudRate, unit: 'baud' },
        { name: 'packet size', value: parameters.packetBytes, unit: 'byte' },
        ...(wake ? [{ name: 'wake line', value: touched ?? 'cannot be read' }] : []),
      ]
    })
  }

  async close(): Promise<void> {
    this.gate.close()
    await this.options.wake?.close()
    await this.options.port.close()
  }

  /** Opens the line, finds the module at whatever rate it was left at, and brings it to ours. */
  private async connect(turn: Turn): Promise<void> {
    const { port, password, baudRate } = this.options
    await port.close()
    await port.open()
    const knock = { ...turn, answerMs: KNOCK_TIMEOUT_MS, tries: 1 }
    for (const rate of new Set([baudRate, ...zfmBaudRates])) {
      await port.setBaudRate(rate)
      const answer = await this.ask(verifyPassword(password), knock).catch(ignoreSilence)
      if (answer === undefined) continue
      if (answer[0] !== CONFIRMATION.ok) throw new KioskError('hal/wrong-part', { confirmation: answer[0] })
      if (rate !== baudRate) {
        await this.ask(setBaudRate(baudRate), turn)
        await port.setBaudRate(baudRate)
      }
      await this.parameters(turn)
      this.linked = true
      return
    }
    throw new KioskError('hal/no-answer')
  }

  /** Work with the module, alone. After a silence the cord may have been pulled and plugged: begins from the beginning. */
  private inTouch<T>({ signal, deadlineMs }: Turn, work: (turn: Turn) => Promise<T>): Promise<T> {
    return this.gate.run(signal, async signal => {
      const turn = { signal, deadlineMs }
      try {
        if (!this.linked) await this.connect(turn)
        return await work(turn)
      } catch (cause) {
        if (cause instanceof KioskError && cause.code === 'hal/no-answer') this.linked = false
        throw cause
      }
    })
  }

  private async parameters(turn: Turn): Promise<SystemParameters> {
    const parameters = decodeSystemParameters(await this.ask(readSysPara(), turn))
    if (parameters === undefined) throw new KioskError('hal/wrong-part')
    return parameters
  }

  /** Polls until a finger lies there and its image is in the module's buffer. */
  private async takeImage(turn: Turn): Promise<void> {
    const { clock } = this.options
    for (;;) {
      const [confirmation] = await this.ask(genImg(), turn)
      if (confirmation === CONFIRMATION.ok) return
      // It lost its power and came back.
      if (confirmation === CONFIRMATION.mustVerifyPassword) await this.connect(turn)
      if (turn.deadlineMs - clock.monotonicMs() < POLL_MS_MAX)
        throw new KioskError('hal/no-finger', { confirmation })
      await this.pause(turn)
    }
  }

  /** The module keeps its image, so what noise spoiled is asked for again. */
  private async fetchImage(turn: Turn): Promise<Frame> {
    const { widthPx, heightPx, resolutionDpi } = this.info
    const imageBytes = (widthPx * heightPx) / 2
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const [confirmation] = await this.ask(upImage(), turn)
      if (confirmation !== CONFIRMATION.ok) continue
      const timeoutMs = turn.deadlineMs - this.options.clock.monotonicMs()
      const packed = await this.link.data(imageBytes, { timeoutMs, signal: turn.signal }).catch(ignoreSilence)
      if (packed?.length !== imageBytes) continue
      const pixels = unpackImage(packed)
      packed.fill(0)
      return { widthPx, heightPx, resolutionDpi, pixels }
    }
    throw new KioskError('hal/no-answer', { imageBytes })
  }

  /** Until it is worth asking again. */
  private async pause({ signal, deadlineMs }: Turn): Promise<void> {
    const { wake, clock } = this.options
    if (wake === undefined || (await wake.read().catch(() => true))) return clock.sleep(POLL_MS, signal)
    const touched = new AbortController()
    wake.onEdge(active => {
      if (active) touched.abort()
    })
    const leftMs = deadlineMs - clock.monotonicMs() - POLL_MS_MAX
    await clock
      .sleep(Math.max(POLL_MS, Math.min(WAKE_POLL_MS, leftMs)), AbortSignal.any([signal, touched.signal]))
      .catch(() => {})
    signal.throwIfAborted()
  }

  private async light(pattern: LedPattern, colour: LedColour, turn: Turn): Promise<void> {
    if (!zfmModels[this.options.model].hasLed) return
    await this.ask(auraLed(pattern, colour), { ...turn, tries: 1 }).catch(ignoreSilence)
  }

  /** A command that may be repeated: the acknowledgement of the first try that gets one. */
  private async ask(payload: Uint8Array, turn: Turn): Promise<Uint8Array> {
    const { signal, deadlineMs, answerMs = ANSWER_TIMEOUT_MS, tries = TRIES_MAX } = turn
    for (let tried = 1; tried <= tries; tried++) {
      const leftMs = deadlineMs - this.options.clock.monotonicMs()
      if (leftMs <= 0) break
      const timeoutMs = Math.min(answerMs, leftMs)
      const answer = await this.link.command(payload, { timeoutMs, signal }).catch(ignoreSilence)
      if (answer !== undefined && answer[0] !== CONFIRMATION.receiveError) return answer
    }
    throw new KioskError('hal/no-answer')
  }
}

interface Turn {
  readonly signal: AbortSignal
  readonly deadlineMs: number
  readonly answerMs?: number
  readonly tries?: number
}

function ignoreSilence(cause: unknown): undefined {
  if (cause instanceof KioskError && cause.code === 'hal/no-answer') return undefined
  throw cause
}
