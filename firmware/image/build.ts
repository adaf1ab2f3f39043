import { copyFile, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { KioskError } from '../../src/base/errors.ts'
import { partsOf } from './bill/parts.ts'
import { licenceList, spdxDocument } from './bill/spdx.ts'
import { editTree, TREE_TOOLS } from './device-tree.ts'
import { type BootFile, DATA_MIB, makeBoot, makeDisk, makeExt4 } from './disk.ts'
import { requireTools } from './require-tools.ts'
import { makeRootTree } from './root-tree.ts'
import { run } from './run.ts'
import { sha256OfFile } from './sha256.ts'
import { bootScript, VARIABLES_BYTES } from './u-boot.ts'
import { type Variant, type VariantName, variants } from './variants.ts'

/** Programs that build images, and the Debian package that brings each. */
const TOOLS = {
  mmdebstrap: 'mmdebstrap',
  'arch-test': 'arch-test',
  'qemu-aarch64-static': 'qemu-user-static',
  mkimage: 'u-boot-tools',
  genimage: 'genimage',
  mcopy: 'mtools',
  'mkfs.vfat': 'dosfstools',
  mke2fs: 'e2fsprogs',
  sfdisk: 'fdisk',
  'systemd-sysusers': 'systemd',
  'aarch64-linux-gnu-gcc': 'gcc-aarch64-linux-gnu',
} as const

/** What boards read before Linux: trees of every board, firmware, U-Boot. Nobody looks for it on a slot. */
const ON_BOOT_ALONE = ['usr/lib/linux-image-*', 'usr/lib/raspi-firmware', 'usr/lib/u-boot']

export interface ImageOptions {
  readonly variant: VariantName
  readonly version: string
  /** Where the disk image goes; what is said of it goes beside it. */
  readonly output: string
  /** Of every file in the image, seconds since 1970. */
  readonly epochS: number
  /** Hears what is being done. */
  readonly say: (text: string) => void
  /** Files of a tree that the data partition holds from the start; empty if left out. */
  readonly data?: string
}

export interface ImageReport {
  readonly variant: string
  readonly version: string
  readonly image: string
  readonly sha256: string
  readonly imageMib: number
  readonly slotMib: number
  readonly treeMib: number
  readonly debianPackages: number
}

/**
 * Makes a disk image: boot partition, two slots of which the first is filled, and data. Throws `firmware/not-root` where
 * this user may not make files of others, `firmware/no-tool` for a program that is missing, `firmware/too-large` where the
 * slots of this variant do not hold it.
 */
export async function buildImage(options: ImageOptions): Promise<ImageReport> {
  const { variant, version, output, epochS, say } = options
  if (process.getuid?.() !== 0) throw new KioskError('firmware/not-root')
  await requireTools({ ...TOOLS, ...('treeEdits' in variants[variant] ? TREE_TOOLS : {}) })
  await run('arch-test', ['arm64']).catch(cause => {
    const install = 'update-binfmts --enable qemu-aarch64 (in a container first: mount binfmt_misc)'
    throw new KioskError('firmware/no-tool', { program: 'emulation of arm64', install }, { cause })
  })
  const work = await mkdtemp(join(tmpdir(), 'tunggal-image-'))
  try {
    const root = join(work, 'root')
    say('root file system')
    const debian = await makeRootTree(root, variant, version)
    const onBoot = await bootFiles(work, { root, variant: variants[variant], epochS })
    await run('sh', ['-c', `cd "$1" && rm -rf ${ON_BOOT_ALONE.join(' ')}`, 'sh', root])
    await run('sh', [
      '-c',
      `find "$1" -newermt @${epochS} -print0 | xargs -0 -r touch -h -d @${epochS}`,
      'sh',
      root,
    ])
    const { slotMib } = variants[variant]
    const treeMib = Math.round(Number((await run('du', ['-sm', '--apparent-size', root])).split('\t')[0]))
    say(`${treeMib} MiB into slots of ${slotMib} MiB`)
    const rootA = join(work, 'root.ext4')
    const about = { mib: slotMib, uuid: 'rootFileSystem', epochS, label: 'root', isReadOnly: true } as const
    await makeExt4(rootA, { from: root, ...about })
    const parts = await partsOf(root, { debian, version })
    await rm(root, { recursive: true })
    const dataImage = join(work, 'data.ext4')
    await makeExt4(dataImage, {
      from: options.data,
      mib: DATA_MIB,
      uuid: 'dataFileSystem',
      epochS,
      label: 'data',
    })
    const boot = join(work, 'boot.vfat')
    await makeBoot(boot, onBoot, epochS)
    say('disk')
    await makeDisk(output, { boot, rootA, data: dataImage }, work)
    const hash = await sha256OfFile(output)
    const document = spdxDocument(parts, { variant, version, sha256: hash, epochS })
    await writeFile(`${output}.spdx.json`, `${JSON.stringify(document, undefined, 1)}\n`)
    await writeFile(`${output}.licences.txt`, licenceList(parts))
    return {
      variant,
      version,
      image: output,
      sha256: hash,
      imageMib: Math.round((await stat(output)).size / (1 << 20)),
      slotMib,
      treeMib,
      debianPackages: debian.length,
    }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** What is on the boot partition; some of it comes out of the tree of the slot. */
async function bootFiles(
  work: string,
  { root, variant, epochS }: { readonly root: string; readonly variant: Variant; readonly epochS: number },
): Promise<readonly BootFile[]> {
  const folder = join(work, 'boot')
  await mkdir(folder)
  const files: BootFile[] = []
  for (const from of variant.bootFiles ?? []) {
    const [found] = (await run('find', [root, '-path', join(root, from)])).split('\n')
    if (found === undefined || found === '') throw new Error(`no ${from} in the tree`)
    const file = join(folder, basename(found))
    await copyFile(found, file)
    if (file.endsWith('.dtb')) await editTree(file, variant.treeEdits ?? [])
    files.push({ file, to: '' })
  }
  if (variant.bootConfig !== undefined) {
    const file = join(folder, 'config.txt')
    await writeFile(file, variant.bootConfig)
    files.push({ file, to: '' })
  }
  if (variant.uBoot !== undefined) {
    const text = join(work, 'uboot.txt')
    const file = join(folder, 'uboot.env')
    await writeFile(
      text,
      Object.entries(variant.uBoot)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    )
    await run('mkenvimage', ['-s', String(VARIABLES_BYTES), '-o', file, text])
    files.push({ file, to: '' })
  }
  const source = join(work, 'boot.cmd')
  const script = join(folder, 'boot.scr')
  await writeFile(source, bootScript(variant))
  const env = { SOURCE_DATE_EPOCH: String(epochS) }
  const words = ['-q', '-A', 'arm64', '-T', 'script', '-C', 'none', '-n', 'Tunggal', '-d', source, script]
  await run('mkimage', words, { env })
  return [...files, { file: script, to: '' }]
}
