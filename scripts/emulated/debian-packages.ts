import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from '../../firmware/image/cache.ts'
import { debianMirrors } from '../../firmware/image/debian-mirrors.ts'
import { run } from '../../firmware/image/run.ts'

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
/** What the machine itself runs beside the kernel. */
const userland = ['busybox-static', 'libc6', 'libstdc++6', 'libgcc-s1'].map(name => `${name}:arm64`)

export interface DebianPackages {
  /** As in `uname -r`. */
  readonly kernelRelease: string
  readonly kernel: string
  /** Unpacked: what belongs into the machine. */
  readonly root: string
  /** Unpacked: what modules for its kernel are built with. */
  readonly headers: string
}

/**
 * Debian 12's arm64 kernel, its headers, and the few packages that the machine needs, unpacked. `apt` fetches and
 * verifies them under a configuration of its own: nothing of this machine's package system is touched.
 */
export async function debianPackages(): Promise<DebianPackages> {
  const sources = await sourceLines()
  const folder = await cached('debian', [sources, userland.join()], folder => fetch(folder, sources))
  const root = join(folder, 'root')
  const [kernelRelease] = await readdir(join(root, 'lib/modules'))
  const kernel = join(root, 'boot', `vmlinuz-${kernelRelease}`)
  return { kernelRelease, kernel, root, headers: join(folder, 'headers') }
}

async function sourceLines(): Promise<string> {
  const mirrors = await debianMirrors()
  return mirrors.map(({ suite, uri }) => `deb [signed-by=${KEYRING}] ${uri} ${suite} main\n`).join('')
}

async function fetch(folder: string, sources: string): Promise<void> {
  const apt = join(folder, 'apt')
  await mkdir(join(apt, 'state/lists/partial'), { recursive: true })
  await mkdir(join(apt, 'cache/archives/partial'), { recursive: true })
  await mkdir(join(apt, 'packages'))
  await writeFile(join(apt, 'sources.list'), sources)
  await writeFile(join(apt, 'status'), '')
  const host = (await run('dpkg', ['--print-architecture'])).trim()
  const options = [
    'APT::Architecture=arm64',
    'APT::Architectures::=arm64',
    `APT::Architectures::=${host}`,
    `Dir::State=${apt}/state`,
    `Dir::State::status=${apt}/status`,
    `Dir::Cache=${apt}/cache`,
    `Dir::Etc::sourcelist=${apt}/sources.list`,
    'Dir::Etc::sourceparts=-',
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
    'Acquire::Retries=3',
  ].flatMap(option => ['-o', option])
  await run('apt-get', [...options, '-qq', 'update'])
  const depends = await run('apt-cache', [...options, 'depends', 'linux-image-arm64'])
  const release = /linux-image-(\S+)/.exec(depends.slice(depends.indexOf('Depends:')))?.[1] ?? ''
  const common = release.replace(/arm64$/, 'common')
  const kbuild = `linux-kbuild-${release.split('.').slice(0, 2).join('.')}:${host}`
  const headers = [`linux-headers-${release}`, `linux-headers-${common}`, kbuild]
  const packages = join(apt, 'packages')
  for (const [into, names] of [
    ['root', [`linux-image-${release}`, ...userland]],
    ['headers', headers],
  ] as const) {
    await run('apt-get', [...options, '-qq', 'download', ...names], { cwd: packages })
    for (const name of await readdir(packages)) {
      await run('dpkg-deb', ['-x', join(packages, name), join(folder, into)])
      await rm(join(packages, name))
    }
  }
  await run('depmod', ['-b', join(folder, 'root'), release])
  await rm(apt, { recursive: true })
}
