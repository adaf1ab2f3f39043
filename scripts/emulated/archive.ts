import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

/** Packs a folder as the kernel reads its first file system: everything in it, owned by root. */
export async function packCpio(folder: string, file: string): Promise<void> {
  const child = execFile(
    'sh',
    [
      '-c',
      'find . -mindepth 1 -print0 | LC_ALL=C sort -z | cpio --null --create --format=newc --owner=0:0 --quiet',
    ],
    { cwd: folder, encoding: 'buffer', maxBuffer: 1 << 30 },
  )
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => (code === 0 ? resolve() : reject(new Error(`cpio ended with ${code}`))))
  })
  if (child.stdout === null) throw new Error('cpio has no output')
  await Promise.all([pipeline(child.stdout, createWriteStream(file)), ended])
}
