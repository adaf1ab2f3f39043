import type { Card } from '../../ports/card-reader.ts'

/** Commands of the PN532 (UM0701-02, chapter 7); an answer begins with the command's code plus one. */
export const COMMAND = {
  getFirmwareVersion: 0x02,
  samConfiguration: 0x14,
  rfConfiguration: 0x32,
  inListPassiveTarget: 0x4a,
} as const

/** Section 7.2.10: normal mode, no SAM in use, time-out 1 s, no interrupt line. */
export const normalMode = [COMMAND.samConfiguration, 0x01, 0x14, 0x00] as const
/** Section 7.3.1, item 5: how often the part looks for a card by itself before it says that there is none. */
export const lookThreeTimes = [COMMAND.rfConfiguration, 0x05, 0xff, 0x01, 0x02] as const
/** Section 7.3.5: one card at 106 kbit/s; type B with all application families. */
export const findCard = {
  iso14443a: [COMMAND.inListPassiveTarget, 0x01, 0x00],
  iso14443b: [COMMAND.inListPassiveTarget, 0x01, 0x03, 0x00],
} as const satisfies Record<Card['type'], readonly number[]>

export const IC_PN532 = 0x32
const ATQB = 0x50
const PUPI_BYTES = 4

/** `1.6`, from the answer to `getFirmwareVersion` behind its code; undefined where the part is no PN532. */
export function firmwareVersion(answer: Uint8Array): string | undefined {
  if (answer.length !== 4 || answer[0] !== IC_PN532) return undefined
  return `${answer[1]}.${answer[2]}`
}

/**
 * The card in an answer to `findCard`, behind its code: 'none' where there is none, undefined for answers of another
 * shape. Type A: number, SENS_RES 2, SEL_RES 1, UID length, UID, …; type B: number, ATQB (50, PUPI 4, 7 more), ….
 */
export function cardIn(answer: Uint8Array, type: Card['type']): Card | 'none' | undefined {
  const [cards] = answer
  if (cards === 0) return 'none'
  if (cards !== 1 || answer[1] !== 1) return undefined
  if (type === 'iso14443b') {
    const uid = answer.slice(3, 3 + PUPI_BYTES)
    return answer[2] === ATQB && uid.length === PUPI_BYTES ? { type, uid } : undefined
  }
  const uidBytes = answer[5]
  const uid = answer.slice(6, 6 + uidBytes)
  // ISO/IEC 14443-3 knows single, double and triple UIDs.
  return [4, 7, 10].includes(uidBytes) && uid.length === uidBytes ? { type, uid } : undefined
}
