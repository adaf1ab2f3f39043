import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { partitionOf } from '../../firmware/image/partition.ts'
import { run } from '../../firmware/image/run.ts'

/** SHA-256 of every file with something in it on an ext4 partition of a disk, by its path there. */
export async function filesOf(disk: string, partition: string): Promise<ReadonlyMap<string, string>> {
  const work = await mkdtemp(join(tmpdir(), 'tunggal-content-'))
  try {
    const { startBytes } = await partitionOf(disk, partition)
    // A plug that was pulled left a journal behind.
    const journal = `e2fsck -p -E journal_only "$1?offset=${startBytes}" >&2 || test $? -le 1`
    await run('sh', ['-c', journal, 'sh', disk])
    await run('debugfs', ['-R', `rdump / ${work}`, `${disk}?offset=${startBytes}`])
    const hashes = new Map<string, string>()
    for (const entry of await readdir(work, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      const bytes = await readFile(path)
      if (bytes.length > 0) hashes.set(relative(work, path), createHash('sha256').update(bytes).digest('hex'))
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
