import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from '../../firmware/image/cache.ts'
import { run } from '../../firmware/image/run.ts'
import type { DebianPackages } from './debian-packages.ts'

const source = join(import.meta.dirname, 'i2c-userspace')
const files = ['Makefile', 'i2c-userspace.c'] as const

/** The two-wire bus of the machine, as a module for its kernel. */
export async function i2cModule({ headers, kernelRelease }: DebianPackages): Promise<string> {
  const texts = await Promise.all(files.map(name => readFile(join(source, name))))
  const folder = await cached('i2c-module', [headers, ...texts], async folder => {
    for (const name of files) await copyFile(join(source, name), join(folder, name))
    const tree = join(headers, 'usr/src', `linux-headers-${kernelRelease}`)
    // Debian's own makefile of the tree expects it below /usr.
    const makefile = await readFile(join(tree, 'Makefile'), 'utf8')
    await writeFile(join(folder, 'tree.mk'), makefile.replaceAll('/usr/', `${headers}/usr/`))
    const host = (await run('dpkg', ['--print-architecture'])).trim()
    await run('make', [
      ...['-C', tree, '-f', join(folder, 'tree.mk'), `M=${folder}`, 'ARCH=arm64'],
      ...['CROSS_COMPILE=aarch64-linux-gnu-', 'DEB_HOST_GNU_TYPE=aarch64-linux-gnu'],
      ...[`DEB_BUILD_ARCH=${host}`, 'DEB_HOST_ARCH=arm64', 'modules'],
    ])
  })
  return join(folder, 'i2c-userspace.ko')
}
