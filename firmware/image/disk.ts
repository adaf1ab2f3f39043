/** File systems and the disk they are on, the same bytes for the same content. */
import { mkdir, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KioskError } from '../../src/base/errors.ts'
import { run } from './run.ts'

export const BOOT_MIB = 64
/** Above what the store keeps free (`store.freeBytesMin`). */
export const DATA_MIB = 1024
/** Names that never change, so that two builds are alike; what has to be a kiosk's own is made on it. */
const UUID = {
  disk: '7bb19d6f-2f5c-4f0c-9f0e-6f0f5a1c0001',
  rootFileSystem: '7bb19d6f-2f5c-4f0c-9f0e-6f0f5a1c0010',
  dataFileSystem: '7bb19d6f-2f5c-4f0c-9f0e-6f0f5a1c0011',
  hashSeed: '7bb19d6f-2f5c-4f0c-9f0e-6f0f5a1c0012',
  bootVolume: '54554e47',
} as const
const PARTITION = {
  boot: '7bb19d6f-2f5c-4f0c-9f0e-6f0f5a1c0002',
  rootA: '7bb19d6f-2f5c-4f0c-9f0e-6f0f5a1c0003',
  rootB: '7bb19d6f-2f5c-4f0c-9f0e-6f0f5a1c0004',
  data: '7bb19d6f-2f5c-4f0c-9f0e-6f0f5a1c0005',
} as const
/** One of our own, as in `repart.d` of the image: the only partition that grows with the card. */
const DATA_TYPE = '5d1c0b6a-5a2e-4f57-9d0b-6b6f6b7a1001'
const TYPE = {
  boot: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
  linux: '0fc63daf-8483-4772-8e79-3d69d8477de4',
  data: DATA_TYPE,
}

/**
 * An ext4 file system of `mib` that holds what is below `from`; owners and modes as there. Without a journal where it is
 * never written. Throws `firmware/too-large` where that does not fit.
 */
export async function makeExt4(
  path: string,
  {
    from,
    mib,
    uuid,
    epochS,
    label,
    isReadOnly = false,
  }: {
    from?: string
    mib: number
    uuid: 'rootFileSystem' | 'dataFileSystem'
    epochS: number
    label: string
    isReadOnly?: boolean
  },
): Promise<void> {
  const options = [
    '-q',
    '-F',
    '-t',
    'ext4',
    '-L',
    label,
    '-U',
    UUID[uuid],
    '-E',
    `hash_seed=${UUID.hashSeed},lazy_itable_init=0,lazy_journal_init=0`,
  ]
  // U-Boot 2023.01 reads no metadata_csum_seed and no orphan_file.
  const features = ['^metadata_csum_seed', '^orphan_file', ...(isReadOnly ? ['^has_journal'] : [])]
  options.push('-O', features.join(), ...(from === undefined ? [] : ['-d', from]))
  try {
    await run('mke2fs', [...options, path, `${mib}M`], {
      env: { E2FSPROGS_FAKE_TIME: String(epochS), TZ: 'UTC' },
    })
  } catch (cause) {
    if (!/Could not allocate/.test(String(cause))) throw cause
    throw new KioskError('firmware/too-large', { label, mib }, { cause })
  }
  if (from !== undefined) await setTimes(path, from, epochS)
}

/** What mke2fs takes over from the files that it copies, and no file can be given: when each last changed, and was read. */
async function setTimes(image: string, from: string, epochS: number): Promise<void> {
  const paths = (await run('find', [from, '-printf', '/%P\\n'])).split('\n').filter(path => path !== '')
  const words = paths.flatMap(path =>
    ['ctime', 'atime'].map(field => `set_inode_field "${path}" ${field} @${epochS}`),
  )
  const input = `${words.join('\n')}\n`
  await run('debugfs', ['-w', '-f', '-', image], { input, env: { E2FSPROGS_FAKE_TIME: String(epochS) } })
}

export interface BootFile {
  readonly file: string
  /** Folder at the top of the partition; empty: none. */
  readonly to: string
}

/** The FAT that U-Boot, or the board's own firmware, reads first. */
export async function makeBoot(path: string, files: readonly BootFile[], epochS: number): Promise<void> {
  await run('truncate', ['-s', `${BOOT_MIB}M`, path])
  await run('mkfs.vfat', ['--invariant', '-i', UUID.bootVolume, '-n', 'BOOT', path])
  const env = { TZ: 'UTC', SOURCE_DATE_EPOCH: String(epochS) }
  for (const folder of new Set(files.map(({ to }) => to).filter(to => to !== '')))
    await run('mmd', ['-i', path, `::${folder}`], { env })
  for (const { file, to } of files) {
    await utimes(file, epochS, epochS)
    await run('mcopy', ['-m', '-i', path, file, `::${to}`], { env })
  }
}

export interface DiskParts {
  readonly boot: string
  readonly rootA: string
  readonly data: string
}

/** A disk with both slots, the second of them empty. */
export async function makeDisk(path: string, parts: DiskParts, work: string): Promise<void> {
  const slotBytes = (await stat(parts.rootA)).size
  const partition = (name: keyof typeof PARTITION, what: string) => `
    partition ${name} { ${what} partition-uuid = "${PARTITION[name]}" partition-type-uuid = "${name === 'boot' || name === 'data' ? TYPE[name] : TYPE.linux}" }`
  const image = (file: string) => `image = "${file}"`
  const config = `image disk.img {
  hdimage { align = 4M partition-table-type = "gpt" disk-uuid = "${UUID.disk}" }${partition('boot', image(parts.boot))}${partition('rootA', image(parts.rootA))}${partition('rootB', `size = ${slotBytes}`)}${partition('data', image(parts.data))}
}
`
  await writeFile(join(work, 'genimage.cfg'), config)
  for (const name of ['empty', 'tmp', 'out']) await mkdir(join(work, name), { recursive: true })
  await run('genimage', [
    ...['--config', join(work, 'genimage.cfg'), '--inputpath', '/', '--outputpath', join(work, 'out')],
    ...['--rootpath', join(work, 'empty'), '--tmppath', join(work, 'tmp')],
  ])
  await run('mv', [join(work, 'out/disk.img'), path])
}
