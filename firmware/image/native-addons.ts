import { cp, readFile, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { projectFolder } from '../project.ts'
import { cached } from './cache.ts'
import type { NodeArm64 } from './node-arm64.ts'
import { run } from './run.ts'

/** Those that ship no binary for arm64, and what their builds need. */
const addons = ['epoll', 'i2c-bus']
const tools = ['bindings', 'file-uri-to-path', 'nan']

/** Folder with `epoll` and `i2c-bus` as packages whose native code is built for the machine. */
export async function nativeAddons(node: NodeArm64): Promise<string> {
  const modules = join(projectFolder(), 'node_modules')
  const versions = await Promise.all(
    [...addons, ...tools].map(async name => {
      const { version } = JSON.parse(await readFile(join(modules, name, 'package.json'), 'utf8'))
      return `${name}@${version}`
    }),
  )
  return cached('addons', [node.version, ...versions], async folder => {
    for (const name of [...addons, ...tools])
      await cp(join(modules, name), join(folder, 'node_modules', name), { recursive: true })
    const npm = await realpath((await run('which', ['npm'])).trim())
    const gyp = join(dirname(npm), '../node_modules/node-gyp/bin/node-gyp.js')
    const env = {
      CC: 'aarch64-linux-gnu-gcc',
      CXX: 'aarch64-linux-gnu-g++',
      AR: 'aarch64-linux-gnu-ar',
      LINK: 'aarch64-linux-gnu-g++',
    }
    for (const name of addons) {
      const cwd = join(folder, 'node_modules', name)
      await run(process.execPath, [gyp, 'rebuild', '--arch=arm64', `--nodedir=${node.folder}`], { cwd, env })
    }
  })
}
