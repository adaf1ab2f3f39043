import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { cached } from '../../firmware/image/cache.ts'
import { nativeAddons } from '../../firmware/image/native-addons.ts'
import { nodeArm64 } from '../../firmware/image/node-arm64.ts'
import { run } from '../../firmware/image/run.ts'
import { copyRuntimePackages } from '../../firmware/image/runtime-packages.ts'
import { packCpio } from './archive.ts'
import { type DebianPackages, debianPackages } from './debian-packages.ts'
import { i2cModule } from './kernel-module.ts'

const project = join(import.meta.dirname, '../..')
const init = join(import.meta.dirname, 'guest/init')

/** Of Debian's kernel, beside what is built in; what they need themselves is found out. */
const kernelModules = [
  'virtio_pci',
  'virtio_net',
  'virtio_blk',
  'ext4',
  'xhci_pci',
  'ftdi_sio',
  'configfs',
  'dummy_hcd',
  'libcomposite',
  'usb_f_printer',
  'usblp',
  'i2c-dev',
]
const libraries = [
  'lib/ld-linux-aarch64.so.1',
  ...['libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'librt.so.1', 'libresolv.so.2'].map(
    name => `lib/aarch64-linux-gnu/${name}`,
  ),
  'lib/aarch64-linux-gnu/libnss_files.so.2',
  'lib/aarch64-linux-gnu/libgcc_s.so.1',
  'usr/lib/aarch64-linux-gnu/libstdc++.so.6',
]

export interface BoardImage {
  readonly kernel: string
  /** Everything but the project's own programs, as a cpio archive. */
  readonly system: string
}

/** Kernel, and what the machine runs from: userland, modules, Node, and the packages that the runtime needs. */
export async function boardImage(): Promise<BoardImage> {
  const debian = await debianPackages()
  const node = await nodeArm64()
  const addons = await nativeAddons(node)
  const module = await i2cModule(debian)
  const key = [debian.root, node.folder, addons, module, kernelModules.join(), libraries.join()]
  const texts = await Promise.all([init, join(project, 'package-lock.json')].map(path => readFile(path)))
  const folder = await cached('system', [...key, ...texts], async folder => {
    const root = join(folder, 'root')
    await userland(root, debian)
    await modules(root, debian, module)
    await mkdir(join(root, 'usr/bin'), { recursive: true })
    await copyFile(node.binary, join(root, 'usr/bin/node'))
    await copyRuntimePackages(join(root, 'opt/tunggal'), addons)
    await packCpio(root, join(folder, 'system.cpio'))
  })
  return { kernel: debian.kernel, system: join(folder, 'system.cpio') }
}

async function userland(root: string, debian: DebianPackages): Promise<void> {
  for (const path of ['bin/busybox', ...libraries]) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await copyFile(join(debian.root, path), join(root, path))
    await chmod(join(root, path), 0o755)
  }
  await copyFile(init, join(root, 'init'))
  await chmod(join(root, 'init'), 0o755)
  // The kernel wants a console before anything has made one.
  await mkdir(join(root, 'dev'))
}

/** In the order in which they can be loaded. */
async function modules(root: string, debian: DebianPackages, i2c: string): Promise<void> {
  const paths = new Set<string>()
  for (const name of kernelModules) {
    const options = ['-d', debian.root, '-S', debian.kernelRelease, '--show-depends', name]
    for (const line of (await run('modprobe', options)).split('\n')) {
      const path = /^insmod (\S+)/.exec(line)?.[1]
      if (path !== undefined) paths.add(join('/', relative(debian.root, path)))
    }
  }
  for (const path of paths) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await copyFile(join(debian.root, path), join(root, path))
  }
  await copyFile(i2c, join(root, 'i2c-userspace.ko'))
  await writeFile(join(root, 'modules.list'), `${[...paths, '/i2c-userspace.ko'].join('\n')}\n`)
}
