import type { X509Certificate } from 'node:crypto'
import type { Clock } from '../../../src/base/clock.ts'
import { KioskError } from '../../../src/base/errors.ts'
import type { Frame } from '../../../src/finger/image/frame.ts'
import type {
  FingerprintSensor,
  FingerprintSensorInfo,
  PresentationAttackDetection,
  PreviewOptions,
} from '../../ports/fingerprint-sensor.ts'
import type { Loopback } from '../../ports/loopback.ts'
import type { Reading } from '../../ports/part.ts'
import { PartGate } from '../../ports/part-gate.ts'
import { SbiClient } from './client.ts'
import { type Device, findDevice, identify, type Wanted } from './find-device.ts'
import { fingerRequest } from './fingers.ts'
import { HASH_OF_NOTHING } from './hash-chain.ts'
import { JpegStream } from './jpeg-stream.ts'
import { type CaptureRequest, captureBody, type Environment, readStreamError } from './messages.ts'
import { openCapture } from './open-capture.ts'

export interface SbiOptions {
  readonly loopback: Loopback
  readonly clock: Clock
  /** Where the service may listen, both ends included. */
  readonly ports: { readonly min: number; readonly max: number }
  /** Whose signatures are believed; asked anew whenever the scanner is looked at without a citizen before it. */
  readonly anchors: () => Promise<readonly X509Certificate[]>
  /** A number for each capture that nobody can guess, so that no old one can be played again; as RFC 9562. */
  readonly newTransactionId: () => string
  readonly env?: Environment
  /** As printed on the scanner; any if left out. */
  readonly serialNo?: string
  /** 0-100; a finger of this quality is taken at once, otherwise the best until the time is over. */
  readonly requestedScore?: number
  /** What the scanner's certificate says: the protocol has no word for it. */
  readonly presentationAttackDetection?: PresentationAttackDetection
}

/** MOSIP's default for fingers. */
const REQUESTED_SCORE = 40
const OPEN_TIMEOUT_MS = 9000
/** The service answers so long before we stop waiting. */
const MARGIN_MS = 1000
/** A service does not always notice that nobody waits for its last capture any more. */
const BUSY_POLL_MS = 300
/** One finger at 1000 dpi, uncompressed and in base64 twice, has two million. */
const CAPTURE_BYTES_MAX = 8 * 1024 * 1024
const STREAM_ERROR_BYTES_MAX = 64 * 1024
/** The specification's least. */
const PREVIEW_HZ = 3
/** A provider renews device keys within a month; one that is about to end was not. */
const RENEWAL_DAYS_MIN = 2
const DAY_MS = 86_400_000

/** Size and resolution until the first image tells: what the specification asks of a scanner at least. */
const nominal = { model: 'MOSIP SBI scanner', widthPx: 500, heightPx: 500, resolutionDpi: 500 } as const

interface Turn {
  readonly signal: AbortSignal
  readonly deadlineMs: number
}

/**
 * A certified scanner, through the device service of its provider (MOSIP SBI 1.0). Nothing that the service says is
 * believed before its signature, and who vouches for the signer, is checked.
 */
export class SbiSensor implements FingerprintSensor {
  private readonly gate = new PartGate()
  private readonly previewGate = new PartGate()
  private readonly client: SbiClient
  private readonly wanted: Omit<Wanted, 'anchors'>
  private linked: { readonly device: Device; readonly anchors: readonly X509Certificate[] } | undefined
  /** Of the last capture: the chain is ours, whichever service or scanner adds to it. */
  private previousHash = HASH_OF_NOTHING
  /** What it said once stays true: such a scanner is not used again before the kiosk is started anew. */
  private tampered: KioskError | undefined
  private facts: Omit<FingerprintSensorInfo, 'presentationAttackDetection'> = {
    ...nominal,
    previewHz: PREVIEW_HZ,
    slap: false,
  }

  constructor(private readonly options: SbiOptions) {
    const { loopback, clock, ports, env = 'Production', serialNo } = options
    this.client = new SbiClient(loopback, clock)
    this.wanted = { ports, env, serialNo }
  }

  /** Make and model once it is open, size and resolution once it has taken an image. */
  get info(): FingerprintSensorInfo {
    const { presentationAttackDetection = 'none' } = this.options
    return { ...this.facts, presentationAttackDetection }
  }

  /**
   * Rejects with `hal/no-answer`, `hal/untrusted`, `hal/not-registered`, `hal/not-ready`, `hal/wrong-part` (another
   * scanner or environment), `hal/unsupported` (not for registration), or as `anchors` does.
   */
  async open(): Promise<void> {
    await this.gate.open(async signal => {
      await this.link({ signal, deadlineMs: this.options.clock.monotonicMs() + OPEN_TIMEOUT_MS })
    })
    await this.previewGate.open()
  }

  async capture(options: { timeoutMs: number; signal: AbortSignal; position?: number }): Promise<Frame> {
    return this.inTouch(options, async turn => {
      const { anchors, device } = await this.link(turn)
      const { frame, hash } = await this.takeWhenFree(device, anchors, options.position, turn)
      this.previousHash = hash
      const { widthPx, heightPx, resolutionDpi } = frame
      this.facts = { ...this.facts, widthPx, heightPx, resolutionDpi }
      return frame
    })
  }

  async preview({ timeoutMs, signal, position, onImage }: PreviewOptions): Promise<void> {
    this.gate.requireOpen()
    if (this.tampered !== undefined) throw this.tampered
    await this.previewGate.run(signal, async signal => {
      if (this.linked === undefined) throw new KioskError('hal/no-answer')
      const { port, info } = this.linked.device
      const { deviceSubId } = fingerRequest(this.facts.slap, info.deviceSubId, position)
      const { deviceId } = info
      const body = { deviceId, deviceSubId: String(deviceSubId), timeout: String(Math.floor(timeoutMs)) }
      const images = new JpegStream()
      const error: Uint8Array[] = []
      let errorBytes = 0
      try {
        await this.client.stream(
          { verb: 'STREAM', path: '/stream', port, body },
          { timeoutMs, signal },
          (piece, head) => {
            if (head.contentType !== 'application/json')
              for (const image of images.push(piece)) onImage(image)
            else if ((errorBytes += piece.length) <= STREAM_ERROR_BYTES_MAX) error.push(piece)
          },
        )
      } finally {
        images.clear()
      }
      const failure = errorBytes > 0 ? readStreamError(Buffer.concat(error)) : undefined
      if (failure !== undefined) throw failure
    })
  }

  async diagnose(options: { timeoutMs: number; signal: AbortSignal }): Promise<readonly Reading[]> {
    return this.inTouch(options, async turn => {
      const { digitalId, info, validToMs } = await this.lookAgain(turn)
      const daysLeft = Math.floor((validToMs - this.options.clock.nowMs()) / DAY_MS)
      const remedy = 'let its device service reach its management server, which renews the key'
      return [
        { name: 'model', value: this.facts.model },
        { name: 'serial number', value: digitalId.serialNo },
        { name: 'certification', value: info.certification || 'none' },
        { name: 'status', value: info.deviceStatus },
        { name: 'firmware', value: info.firmware || 'unknown' },
        {
          name: 'key valid for',
          value: daysLeft,
          unit: 'd',
          ...(daysLeft < RENEWAL_DAYS_MIN && { remedy }),
        },
      ]
    })
  }

  async close(): Promise<void> {
    this.gate.close()
    this.previewGate.close()
  }

  /** The scanner, looked for where we know none. */
  private async link(turn: Turn): Promise<NonNullable<typeof this.linked>> {
    if (this.linked !== undefined) return this.linked
    const anchors = await this.options.anchors()
    const device = await findDevice({ ...this.wanted, anchors }, this.search(turn))
    return this.keep(device, anchors)
  }

  /** What the scanner says of itself now. */
  private async lookAgain(turn: Turn): Promise<Device> {
    if (this.linked === undefined) return (await this.link(turn)).device
    const { port, info } = this.linked.device
    const anchors = await this.options.anchors()
    const now = await identify(port, info.deviceId, { ...this.wanted, anchors }, this.search(turn))
    return this.keep(now, anchors).device
  }

  private keep(device: Device, anchors: readonly X509Certificate[]): NonNullable<typeof this.linked> {
    const { make, model, deviceSubType } = device.digitalId
    this.facts = { ...this.facts, model: `${make} ${model}`, slap: deviceSubType === 'Slap' }
    this.linked = { device, anchors }
    return this.linked
  }

  /** Work with the scanner, alone. Where it did not answer as it should, its service may have started anew elsewhere. */
  private inTouch<T>(
    { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
    work: (turn: Turn) => Promise<T>,
  ): Promise<T> {
    const deadlineMs = this.options.clock.monotonicMs() + timeoutMs
    return this.gate.run(signal, async signal => {
      if (this.tampered !== undefined) throw this.tampered
      try {
        return await work({ signal, deadlineMs })
      } catch (cause) {
        if (cause instanceof KioskError && lostCodes.has(cause.code)) this.linked = undefined
        if (cause instanceof KioskError && cause.code === 'hal/tampered') this.tampered = cause
        throw cause
      }
    })
  }

  private async takeWhenFree(
    device: Device,
    anchors: readonly X509Certificate[],
    position: number | undefined,
    turn: Turn,
  ): Promise<{ frame: Frame; hash: string }> {
    for (;;) {
      try {
        return await this.take(device, anchors, position, turn)
      } catch (cause) {
        const isBusy = cause instanceof KioskError && cause.code === 'hal/busy'
        if (!isBusy || this.leftMs(turn) < BUSY_POLL_MS + MARGIN_MS) throw cause
        await this.options.clock.sleep(BUSY_POLL_MS, turn.signal)
      }
    }
  }

  private async take(
    { port, info, digitalId }: Device,
    anchors: readonly X509Certificate[],
    position: number | undefined,
    turn: Turn,
  ): Promise<{ frame: Frame; hash: string }> {
    const { clock, newTransactionId, requestedScore = REQUESTED_SCORE } = this.options
    const leftMs = this.leftMs(turn)
    const request: CaptureRequest = {
      env: this.wanted.env,
      specVersion: info.specVersion[0],
      timeoutMs: Math.max(leftMs - MARGIN_MS, leftMs / 2),
      atMs: clock.nowMs(),
      transactionId: newTransactionId(),
      deviceId: info.deviceId,
      requestedScore,
      finger: fingerRequest(this.facts.slap, info.deviceSubId, position),
      previousHash: this.previousHash,
    }
    const body = await this.client.ask(
      { verb: 'RCAPTURE', path: '/capture', port, body: captureBody(request) },
      { timeoutMs: leftMs, signal: turn.signal },
      CAPTURE_BYTES_MAX,
    )
    return openCapture(body, { request, serialNo: digitalId.serialNo, anchors, nowMs: clock.nowMs() })
  }

  private search(turn: Turn) {
    const { client } = this
    return { client, clock: this.options.clock, signal: turn.signal, timeoutMs: this.leftMs(turn) }
  }

  private leftMs({ deadlineMs }: Turn): number {
    return Math.max(1, deadlineMs - this.options.clock.monotonicMs())
  }
}

/** Where it is not vouched for, there may be another file of anchors by now. */
const lostCodes: ReadonlySet<string> = new Set(['hal/no-answer', 'hal/bad-answer', 'hal/untrusted'])
