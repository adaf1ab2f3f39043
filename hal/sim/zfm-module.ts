import type { Clock } from '../../src/base/clock.ts'
import type { Frame } from '../../src/finger/image/frame.ts'
import {
  COMMAND,
  CONFIRMATION,
  encodeSystemParameters,
  packImage,
  SYSTEM_PARAMETER,
} from '../drivers/zfm/commands.ts'
import {
  ADDRESS_DEFAULT,
  encodePacket,
  PACKET,
  type Packet,
  type PacketKind,
  PacketReader,
} from '../drivers/zfm/packet.ts'
import { type ZfmModel, zfmModels } from '../drivers/zfm/zfm.ts'
import type { PartEnd } from './duplex.ts'

const PLATEN_GREY = 230
const TAKING_MS = 250
const LOOKING_MS = 40

export interface ZfmModuleOptions {
  readonly line: PartEnd
  readonly clock: Clock
  readonly model: ZfmModel
  readonly password?: number
  readonly packetBytes?: 32 | 64 | 128 | 256
}

/** A fingerprint module of the ZFM family, as it is seen from its serial line. */
export class ZfmModule {
  /** What lies on the platen now. */
  finger: Frame | undefined
  /** A fault: hears and does not answer. */
  silent = false
  /** A fault: so many data packets, from the next on, come with a bit flipped. */
  spoiltPackets = 0
  /** A fault: bytes that the line picks up before each packet. */
  noise = new Uint8Array(0)
  /** The commands that were understood, oldest first: their codes. */
  readonly heard: number[] = []
  private readonly reader = new PacketReader()
  private readonly options: Required<ZfmModuleOptions>
  private verified: boolean
  private image: Uint8Array | undefined
  private work = Promise.resolve()

  constructor(options: ZfmModuleOptions) {
    const { password = 0, packetBytes = 128 } = options
    this.options = { ...options, password, packetBytes }
    this.verified = password === 0
    options.line.onBytes(bytes => {
      for (const packet of this.reader.push(bytes)) this.work = this.work.then(() => this.obey(packet))
    })
  }

  /** Power goes and comes back: says so with one byte, and has forgotten image and password. */
  powerCycle(): void {
    this.verified = this.options.password === 0
    this.image = undefined
    this.options.line.write(Uint8Array.of(0x55))
  }

  private async obey({ address, kind, payload }: Packet): Promise<void> {
    if (this.silent || address !== ADDRESS_DEFAULT || kind !== PACKET.command) return
    const [command] = payload
    this.heard.push(command)
    if (command === COMMAND.vfyPwd) return this.verify(payload)
    if (!this.verified) return this.confirm(CONFIRMATION.mustVerifyPassword)
    switch (command) {
      case COMMAND.genImg:
        return this.take()
      case COMMAND.upImage:
        return this.upload()
      case COMMAND.readSysPara:
        return this.answer(PACKET.acknowledgement, encodeSystemParameters(this.parameters()))
      case COMMAND.setSysPara:
        return this.set(payload[1], payload[2])
      case COMMAND.auraLed:
        return this.confirm(this.hasLed() ? CONFIRMATION.ok : CONFIRMATION.unsupported)
      case COMMAND.handShake:
        return this.confirm(CONFIRMATION.ok)
      default:
        return this.confirm(CONFIRMATION.unsupported)
    }
  }

  private verify(payload: Uint8Array): void {
    const password = new DataView(payload.buffer, payload.byteOffset).getUint32(1)
    this.verified ||= password === this.options.password
    this.confirm(password === this.options.password ? CONFIRMATION.ok : CONFIRMATION.wrongPassword)
  }

  private async take(): Promise<void> {
    await this.options.clock.sleep(this.finger === undefined ? LOOKING_MS : TAKING_MS)
    if (this.finger === undefined) return this.confirm(CONFIRMATION.noFinger)
    const { widthPx, heightPx } = zfmModels[this.options.model].info
    this.image = packImage(middle(this.finger, widthPx, heightPx))
    this.confirm(CONFIRMATION.ok)
  }

  private upload(): void {
    const { image } = this
    this.confirm(image === undefined ? CONFIRMATION.noImage : CONFIRMATION.ok)
    if (image === undefined) return
    for (let at = 0; at < image.length; at += this.options.packetBytes) {
      const part = image.subarray(at, at + this.options.packetBytes)
      this.answer(at + part.length === image.length ? PACKET.lastData : PACKET.data, part)
    }
  }

  private set(parameter: number, value: number): void {
    const isBaudRate = parameter === SYSTEM_PARAMETER.baudRate && [1, 2, 4, 6, 12].includes(value)
    this.confirm(isBaudRate ? CONFIRMATION.ok : CONFIRMATION.badRegister)
    if (isBaudRate) this.options.line.baudRate = value * 9600
  }

  private parameters() {
    const { packetBytes, line } = this.options
    const fixed = { busy: false, librarySize: 200, security: 3, address: ADDRESS_DEFAULT }
    return { ...fixed, packetBytes, baudRate: line.baudRate }
  }

  private hasLed(): boolean {
    return zfmModels[this.options.model].hasLed
  }

  private confirm(confirmation: number): void {
    this.answer(PACKET.acknowledgement, Uint8Array.of(confirmation))
  }

  private answer(kind: PacketKind, payload: Uint8Array): void {
    const bytes = encodePacket({ address: ADDRESS_DEFAULT, kind, payload })
    if (kind !== PACKET.acknowledgement && this.spoiltPackets > 0) {
      this.spoiltPackets--
      bytes[bytes.length - 4] ^= 0x10
    }
    if (this.noise.length > 0) this.options.line.write(this.noise)
    this.options.line.write(bytes)
  }
}

/** The middle of an image, as a smaller platen sees it; platen where the image is smaller. */
function middle(frame: Frame, widthPx: number, heightPx: number): Uint8Array {
  const pixels = new Uint8Array(widthPx * heightPx).fill(PLATEN_GREY)
  const left = Math.floor((frame.widthPx - widthPx) / 2)
  const top = Math.floor((frame.heightPx - heightPx) / 2)
  for (let y = Math.max(0, -top); y < Math.min(heightPx, frame.heightPx - top); y++) {
    for (let x = Math.max(0, -left); x < Math.min(widthPx, frame.widthPx - left); x++)
      pixels[y * widthPx + x] = frame.pixels[(y + top) * frame.widthPx + x + left]
  }
  return pixels
}
