import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConfigError } from '../../src/settings/desired.ts'
import { examineBundle, missingRoom } from './examine.ts'
import type { Slots } from './slots.ts'

const BUNDLES_MAX = 20
/** A stick may hold millions of names. */
const ENTRIES_MAX = 1_000
/** A stick that cannot be read to its end does not wear out the kiosk's own card. */
const COPIES_MAX = 3

export interface StickOptions {
  /** Folder of the stick; need not be there. */
  readonly folder: string
  readonly slots: Slots
  /** As in `refusal.ts`. */
  readonly floor: string
  readonly nowMs: number
  /** Images that are not taken, and not refused either: the one that runs, and the one that was left again. */
  readonly known: readonly (string | undefined)[]
  readonly freeBytes: () => Promise<number>
}

/** A bundle that may be installed, or one that may not. */
export type Found = { readonly file: string; readonly version: string } | { readonly refusal: ConfigError }

/** Looks for bundles at the top of a stick. */
export class Stick {
  /** A file is looked at once: what was refused is refused once. */
  private readonly seen = new Set<string>()
  private copiesFailed = 0

  /** The next bundle, in name order, that was not seen before; undefined: there is none. */
  async next({ folder, known, freeBytes, ...rules }: StickOptions): Promise<Found | undefined> {
    const names = await bundlesIn(folder)
    if (names.length === 0) {
      // It was taken out: whatever is put in next is looked at anew.
      this.seen.clear()
      this.copiesFailed = 0
    }
    for (const name of names) {
      const file = join(folder, name)
      const { size, mtimeMs } = await stat(file).catch(() => ({ size: 0, mtimeMs: 0 }))
      const key = `${name} ${size} ${mtimeMs}`
      if (size === 0 || this.seen.has(key)) continue
      const examined = await examineBundle(file, rules)
      this.seen.add(key)
      if ('refusal' in examined) return examined
      const { version } = examined.info
      if (known.includes(version)) continue
      const refusal = missingRoom(size, await freeBytes())
      return refusal === undefined ? { file, version } : { refusal }
    }
    return undefined
  }

  /** It is looked at again, a few times. */
  notCopied(): void {
    if (++this.copiesFailed < COPIES_MAX) this.seen.clear()
  }
}

/** At most `entriesMax` of the folder's names are looked at. */
export async function bundlesIn(folder: string, entriesMax = ENTRIES_MAX): Promise<readonly string[]> {
  const names: string[] = []
  let entries = 0
  try {
    for await (const { name } of await opendir(folder)) {
      if (++entries > entriesMax) break
      if (/^[^.].*\.raucb$/.test(name)) names.push(name)
    }
  } catch {
    // There is no stick, or it was taken out.
  }
  return names.sort().slice(0, BUNDLES_MAX)
}
