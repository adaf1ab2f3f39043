import type { Reading } from '../../ports/part.ts'

const READINGS_MAX = 24
const TEXT_LENGTH_MAX = 60

/** Names whose unit johnny-five's documents give. */
const units: Readonly<Record<string, string>> = {
  celsius: '°C',
  fahrenheit: '°F',
  kelvin: 'K',
  'relative humidity': '%',
  pressure: 'kPa',
  meters: 'm',
  cm: 'cm',
  lux: 'lx',
}

/** What johnny-five and we put there, which says nothing of the part. */
const plumbing = new Set([
  'id',
  'board',
  'io',
  'custom',
  'pin',
  'pins',
  'address',
  'controller',
  'bus',
  'freq',
])
/** Parts of a multi-sensor; some of them stand there under a second name. */
const senses = [
  'thermometer',
  'hygrometer',
  'barometer',
  'altimeter',
  'accelerometer',
  'gyro',
  'magnetometer',
]

/** What a component shows of itself now: its plain values, and those of its senses. */
export function readingsOf(component: object): Reading[] {
  const readings = new Map<string, Reading>()
  const collect = (object: object) => {
    for (const key of Object.getOwnPropertyNames(object)) {
      if (plumbing.has(key) || key.startsWith('_') || readings.size === READINGS_MAX) continue
      const value = get(object, key)
      const name = words(key)
      if (!/^[a-z][a-z -]+$/.test(name) || readings.has(name) || !isShown(value)) continue
      readings.set(name, { name, value, ...(units[name] && { unit: units[name] }) })
    }
  }
  collect(component)
  for (const sense of senses) {
    const object = get(component, sense)
    if (typeof object === 'object' && object !== null) collect(object)
  }
  return [...readings.values()]
}

function isShown(value: unknown): value is number | string | boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  return typeof value === 'boolean' || (typeof value === 'string' && value.length <= TEXT_LENGTH_MAX)
}

/** A getter may throw before its first value. */
function get(object: object, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key]
  } catch {
    return undefined
  }
}

/** `relativeHumidity` → `relative humidity`. */
function words(key: string): string {
  return key.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`).trim()
}
