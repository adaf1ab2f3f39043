import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConfigError } from '../../src/settings/desired.ts'
import { examineBundle, missingRoom } from './examine.ts'
import type { Slots } from './slots.ts'

const BUNDLES_MAX = 20

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

  /** The next bundle, in name order, that was not seen before; undefined: there is none. */
  async next({ folder, known, freeBytes, ...rules }: StickOptions): Promise<Found | undefined> {
    for (const name of await bundlesIn(folder)) {
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

  /** It could not be copied: it is looked at again. */
  forget(): void {
    this.seen.clear()
  }
}

async function bundlesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => [])
  return names
    .filter(name => /^[^.].*\.raucb$/.test(name))
    .sort()
    .slice(0, BUNDLES_MAX)
}
