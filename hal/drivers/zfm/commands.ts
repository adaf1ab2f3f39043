/** Commands and answers of the ZFM family (GROW R503 manual, chapter 6): payloads of packets. */
import assert from 'node:assert'

export const COMMAND = {
  genImg: 0x01,
  upImage: 0x0a,
  setSysPara: 0x0e,
  readSysPara: 0x0f,
  vfyPwd: 0x13,
  auraLed: 0x35,
  handShake: 0x40,
} as const

/** First byte of every acknowledgement. */
export const CONFIRMATION = {
  ok: 0x00,
  receiveError: 0x01,
  noFinger: 0x02,
  imageFailed: 0x03,
  messyImage: 0x06,
  fewFeatures: 0x07,
  wrongPassword: 0x13,
  noImage: 0x15,
  badRegister: 0x1a,
  mustVerifyPassword: 0x21,
  unsupported: 0xfc,
} as const

/** System parameters that can be set. */
export const SYSTEM_PARAMETER = { baudRate: 4, security: 5, packetSize: 6 } as const
const BAUD_STEP = 9600

export type LedColour = 'red' | 'blue' | 'purple' | 'green' | 'yellow' | 'cyan' | 'white'
const ledColours: readonly LedColour[] = ['red', 'blue', 'purple', 'green', 'yellow', 'cyan', 'white']
const ledPatterns = ['breathe', 'flash', 'on', 'off', 'fade-on', 'fade-off'] as const
export type LedPattern = (typeof ledPatterns)[number]

export function genImg(): Uint8Array {
  return Uint8Array.of(COMMAND.genImg)
}

export function upImage(): Uint8Array {
  return Uint8Array.of(COMMAND.upImage)
}

export function readSysPara(): Uint8Array {
  return Uint8Array.of(COMMAND.readSysPara)
}

export function verifyPassword(password: number): Uint8Array {
  const payload = new Uint8Array(5)
  payload[0] = COMMAND.vfyPwd
  new DataView(payload.buffer).setUint32(1, password)
  return payload
}

/** 9600 × 1, 2, 4, 6 or 12. The acknowledgement still comes at the old rate. */
export function setBaudRate(baudRate: number): Uint8Array {
  assert([1, 2, 4, 6, 12].includes(baudRate / BAUD_STEP), 'a rate that modules have')
  return Uint8Array.of(COMMAND.setSysPara, SYSTEM_PARAMETER.baudRate, baudRate / BAUD_STEP)
}

/** The ring of light of the R503. `speed` 0-255, slow to fast for breathing; endless. */
export function auraLed(pattern: LedPattern, colour: LedColour, speed = 0x50): Uint8Array {
  const control = ledPatterns.indexOf(pattern) + 1
  return Uint8Array.of(COMMAND.auraLed, control, speed, ledColours.indexOf(colour) + 1, 0)
}

/** What `readSysPara` answers. */
export interface SystemParameters {
  readonly busy: boolean
  readonly librarySize: number
  readonly security: number
  readonly address: number
  readonly packetBytes: number
  readonly baudRate: number
}

/** Reads an acknowledgement of `readSysPara`, confirmation first; undefined where it is of another shape. */
export function decodeSystemParameters(payload: Uint8Array): SystemParameters | undefined {
  if (payload.length !== 17) return undefined
  const view = new DataView(payload.buffer, payload.byteOffset + 1, 16)
  const packetCode = view.getUint16(12)
  if (packetCode > 3) return undefined
  return {
    busy: (view.getUint16(0) & 1) !== 0,
    librarySize: view.getUint16(4),
    security: view.getUint16(6),
    address: view.getUint32(8),
    packetBytes: 32 << packetCode,
    baudRate: view.getUint16(14) * BAUD_STEP,
  }
}

export function encodeSystemParameters(parameters: SystemParameters): Uint8Array {
  const payload = new Uint8Array(17)
  const view = new DataView(payload.buffer, 1)
  view.setUint16(0, parameters.busy ? 1 : 0)
  view.setUint16(4, parameters.librarySize)
  view.setUint16(6, parameters.security)
  view.setUint32(8, parameters.address)
  view.setUint16(12, Math.log2(parameters.packetBytes / 32))
  view.setUint16(14, parameters.baudRate / BAUD_STEP)
  return payload
}

/** Modules send two pixels a byte, high nibble first, 16 grey levels: 0-15 becomes 0-255. */
export function unpackImage(packed: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(packed.length * 2)
  packed.forEach((byte, i) => {
    pixels[2 * i] = (byte >> 4) * 17
    pixels[2 * i + 1] = (byte & 15) * 17
  })
  return pixels
}

/** The inverse; the last four bits of each grey level are lost. */
export function packImage(pixels: Uint8Array): Uint8Array {
  assert(pixels.length % 2 === 0, 'two pixels a byte')
  const packed = new Uint8Array(pixels.length / 2)
  for (let i = 0; i < packed.length; i++) packed[i] = (pixels[2 * i] & 0xf0) | (pixels[2 * i + 1] >> 4)
  return packed
}
