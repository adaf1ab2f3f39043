import type { Capacity } from './ports.ts'

/** What the store may hold. `freeBytesMin` is what it leaves of the disk to everybody else. */
export interface StoreLimits {
  readonly entriesMax: number
  readonly bytesMax: number
  readonly freeBytesMin: number
  /** Of sealed submissions that the ABIS has receipted; they are dropped for newer ones. */
  readonly receiptedBytesMax: number
  /** An entry older than this is worth a warning: nobody took it for that long. */
  readonly ageMsMax: number
}

export const WARNING_FRACTION = 0.7
export const URGENT_FRACTION = 0.9
// A database takes more than its values: it is written twice before it is compacted.
const DISK_BYTES_PER_BYTE = 2

/** How full a store is that holds `entries` with `bytes`, the oldest `oldestAgeMs` old. */
export function capacityOf(
  limits: StoreLimits,
  held: { entries: number; bytes: number; oldestAgeMs: number; freeBytes: number },
): Capacity {
  const room = Math.max(0, held.freeBytes - limits.freeBytesMin) / DISK_BYTES_PER_BYTE
  const fractions = {
    entries: held.entries / limits.entriesMax,
    bytes: held.bytes / limits.bytesMax,
    // Of what it could hold on this disk; without any room it is full, even when empty.
    'free-disk': room > 0 ? held.bytes / (held.bytes + room) : 1,
    // Clocks jump: an age below zero says nothing.
    age: Math.min(Math.max(0, held.oldestAgeMs / limits.ageMsMax), 1),
  }
  const worst = (['entries', 'bytes', 'free-disk', 'age'] as const).reduce((most, name) =>
    rank(name, fractions[name]) > rank(most, fractions[most]) ? name : most,
  )
  const fraction = fractions[worst]
  const full = fraction >= 1 && worst !== 'age'
  return {
    level: full
      ? 'full'
      : fraction >= URGENT_FRACTION
        ? 'urgent'
        : fraction >= WARNING_FRACTION
          ? 'warning'
          : 'ok',
    limitedBy: worst,
    fraction: Math.min(fraction, 1),
    entries: held.entries,
    bytes: held.bytes,
  }
}

/** Age never makes the store full, so it must not hide a limit that does. */
function rank(name: Capacity['limitedBy'], fraction: number): number {
  return name === 'age' ? Math.min(fraction, 0.999) : fraction
}
