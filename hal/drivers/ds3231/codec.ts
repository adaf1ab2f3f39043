/** Maxim DS3231 data sheet (rev. 10), figure 1: the register map. */
export const REGISTER = { seconds: 0x00, control: 0x0e, status: 0x0f, temperature: 0x11 } as const
export const TIME_BYTES = 7
/** All that is read at once: the part freezes the time at the beginning, so that it cannot turn over in between. */
export const ALL_BYTES = 19

/** Control: stop the oscillator while on battery. */
export const STOP_ON_BATTERY = 0x80
/** Status: the oscillator has stopped since this was cleared. */
export const OSCILLATOR_STOPPED = 0x80
/** Status bits that are always 0. */
export const STATUS_ZERO = 0x70

const TWELVE_HOURS = 0x40
const AFTERNOON = 0x20
const YEAR_FIRST = 2000

/** The 21st century is what the registers hold; a century bit that has turned over is no date of ours. */
export const TIME_MS_MIN = Date.UTC(YEAR_FIRST, 0, 1)
export const TIME_MS_MAX = Date.UTC(YEAR_FIRST + 100, 0, 1) - 1000

/** Milliseconds since 1970 of registers 0 to 6, UTC; undefined where they hold no date. */
export function decodeTime(registers: Uint8Array): number | undefined {
  if (registers.length < TIME_BYTES) return undefined
  const [seconds, minutes, hours, weekday, day, month, year] = registers
  if (weekday < 1 || weekday > 7) return undefined
  const fields = [
    fromBcd(year),
    fromBcd(month),
    fromBcd(day),
    decodeHours(hours),
    fromBcd(minutes),
    fromBcd(seconds),
  ]
  if (fields.includes(undefined)) return undefined
  const [y, mo, d, h, mi, s] = fields as number[]
  const timeMs = Date.UTC(YEAR_FIRST + y, mo - 1, d, h, mi, s)
  // A date that is none, such as 31 February, 23:60, or a month with its century bit up, comes back as another.
  const same = encodeTime(timeMs).every((byte, i) => i === 3 || i === 2 || byte === registers[i])
  return same && timeMs >= TIME_MS_MIN && timeMs <= TIME_MS_MAX ? timeMs : undefined
}

/** Registers 0 to 6, with hours of 24. Whole seconds; the rest is cut. */
export function encodeTime(timeMs: number): Uint8Array {
  const time = new Date(timeMs)
  return Uint8Array.of(
    toBcd(time.getUTCSeconds()),
    toBcd(time.getUTCMinutes()),
    toBcd(time.getUTCHours()),
    time.getUTCDay() + 1,
    toBcd(time.getUTCDate()),
    toBcd(time.getUTCMonth() + 1),
    toBcd(time.getUTCFullYear() % 100),
  )
}

/** Registers 0x11 and 0x12: quarters of a degree, signed. */
export function decodeTemperature(high: number, low: number): number {
  return ((high << 24) >> 24) + (low >> 6) / 4
}

/** Others may have set it to hours of 12 with a bit for the afternoon. */
function decodeHours(register: number): number | undefined {
  if ((register & TWELVE_HOURS) === 0) {
    const hours = fromBcd(register)
    return hours !== undefined && hours < 24 ? hours : undefined
  }
  if (register > (TWELVE_HOURS | AFTERNOON | 0x12)) return undefined
  const hours = fromBcd(register & 0x1f)
  if (hours === undefined || hours < 1 || hours > 12) return undefined
  return (hours % 12) + ((register & AFTERNOON) !== 0 ? 12 : 0)
}

function fromBcd(byte: number): number | undefined {
  const tens = byte >> 4
  const units = byte & 15
  return tens > 9 || units > 9 ? undefined : tens * 10 + units
}

function toBcd(value: number): number {
  return (Math.floor(value / 10) << 4) | (value % 10)
}
