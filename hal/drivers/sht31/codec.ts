import type { Climate } from '../../ports/climate-sensor.ts'

/** Sensirion SHT3x-DIS data sheet (December 2022): commands of two bytes, answers of words with a check byte each. */
export const COMMAND = {
  /** Table 9: one measurement, high repeatability, the clock is not stretched. */
  measure: [0x24, 0x00],
  softReset: [0x30, 0xa2],
  readStatus: [0xf3, 0x2d],
} as const

/** Table 4: the longest measurement takes 15.5 ms. */
export const MEASURE_MS = 16
/** Table 4: from reset to idle. */
export const RESET_MS = 2
export const ANSWER_BYTES = 6
export const STATUS_BYTES = 3

/** Table 2: what the part is made for. Words beyond it are no temperature. */
const CELSIUS_MIN = -40
const CELSIUS_MAX = 125

/** Table 20: CRC-8, polynomial 0x31, begun at 0xFF, nothing turned round. 0xBE 0xEF gives 0x92. */
export function crc8(bytes: Uint8Array): number {
  let crc = 0xff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80) !== 0 ? ((crc << 1) ^ 0x31) & 0xff : crc << 1
  }
  return crc
}

/** The words of an answer, each followed by its check byte; undefined where one does not fit. */
export function decodeWords(bytes: Uint8Array): number[] | undefined {
  if (bytes.length % 3 !== 0) return undefined
  const words: number[] = []
  for (let at = 0; at < bytes.length; at += 3) {
    if (crc8(bytes.subarray(at, at + 2)) !== bytes[at + 2]) return undefined
    words.push(bytes[at] * 256 + bytes[at + 1])
  }
  return words
}

export function encodeWords(words: readonly number[]): Uint8Array {
  return Uint8Array.from(
    words.flatMap(word => {
      const bytes = Uint8Array.of(word >> 8, word & 0xff)
      return [...bytes, crc8(bytes)]
    }),
  )
}

/** Section 4.13; undefined for a temperature that the part cannot measure. */
export function climateOf([temperature, humidity]: readonly number[]): Climate | undefined {
  const temperatureCelsius = -45 + (175 * temperature) / 65_535
  if (temperatureCelsius < CELSIUS_MIN || temperatureCelsius > CELSIUS_MAX) return undefined
  return { temperatureCelsius, humidityPercent: (100 * humidity) / 65_535 }
}

export function wordsOf({ temperatureCelsius, humidityPercent }: Climate): number[] {
  const word = (share: number) => Math.round(Math.min(1, Math.max(0, share)) * 65_535)
  return [word((temperatureCelsius + 45) / 175), word(humidityPercent / 100)]
}
