import { execFileSync } from 'node:child_process'
import { basename, join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** Bundles a program into `folder` as it is shipped: it starts several times faster than from source. Its path. */
export function bundle(entry: string, folder: string): string {
  const words = [
    entry,
    '--no-config',
    '--format',
    'esm',
    '--target',
    'node20',
    '--out-dir',
    folder,
    '--silent',
  ]
  execFileSync(join(root, 'node_modules/.bin/tsup'), words, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return join(folder, `${basename(entry, '.ts')}.js`)
}
