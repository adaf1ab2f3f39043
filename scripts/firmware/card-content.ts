import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { partitionOf } from '../../firmware/image/partition.ts'
import { run } from '../../firmware/image/run.ts'

/** SHA-256 of every file with something in it on an ext4 partition of a disk, by its path there. */
export async function filesOf(disk: string, partition: string): Promise<ReadonlyMap<string, string>> {
  const work = await mkdtemp(join(tmpdir(), 'tunggal-content-'))
  try {
    const { startBytes, sizeBytes } = await partitionOf(disk, partition)
    const image = join(work, 'image')
    const tree = join(work, 'tree')
    await mkdir(tree)
    const range = ['bs=4M', `skip=${startBytes}`, `count=${sizeBytes}`, 'iflag=skip_bytes,count_bytes']
    await run('dd', [`if=${disk}`, `of=${image}`, 'conv=sparse', 'status=none', ...range])
    // A plug that was pulled left a journal behind; e2fsck says with 1 that it has read it.
    await run('sh', ['-c', 'e2fsck -p -E journal_only "$1" || test $? -eq 1', 'sh', image])
    await run('debugfs', ['-R', `rdump / ${tree}`, image])
    const hashes = new Map<string, string>()
    for (const entry of await readdir(tree, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      const bytes = await readFile(path)
      if (bytes.length > 0) hashes.set(relative(tree, path), createHash('sha256').update(bytes).digest('hex'))
    }
    return hashes
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** What stands in a file of an ext4 partition; empty where there is none. */
export async function textOf(disk: string, partition: string, path: string): Promise<string> {
  const { startBytes } = await partitionOf(disk, partition)
  return run('debugfs', ['-R', `cat ${path}`, `${disk}?offset=${startBytes}`])
}
