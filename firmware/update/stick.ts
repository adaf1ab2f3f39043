import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const BUNDLES_MAX = 20

export interface StickBundle {
  readonly file: string
  readonly bytes: number
  /** The same for the same file, as far as one can see without reading it. */
  readonly key: string
}

/** Bundles at the top of a stick, in name order; none where there is no stick. */
export async function bundlesOn(stick: string): Promise<readonly StickBundle[]> {
  const names = (await readdir(stick).catch(() => [])).filter(name => /^[^.].*\.raucb$/.test(name))
  const found: StickBundle[] = []
  for (const name of names.sort().slice(0, BUNDLES_MAX)) {
    const file = join(stick, name)
    const { size, mtimeMs } = await stat(file).catch(() => ({ size: 0, mtimeMs: 0 }))
    if (size > 0) found.push({ file, bytes: size, key: `${name} ${size} ${mtimeMs}` })
  }
  return found
}
