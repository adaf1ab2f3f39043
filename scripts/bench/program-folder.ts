import { mkdir, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'

/** Bundled programs find their packages from in here alone. */
const CHECKOUT = join(import.meta.dirname, '../../.tap')

/** A new, empty folder for programs that a bench bundles; whoever asks takes it away again. */
export async function programFolder(): Promise<string> {
  await mkdir(CHECKOUT, { recursive: true })
  return await mkdtemp(join(CHECKOUT, 'dist-bench-'))
}
