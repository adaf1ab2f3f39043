import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { partitionOf } from '../../firmware/image/partition.ts'
import { run } from '../../firmware/image/run.ts'
import { copyDisk } from './booted-image.ts'

/** A copy of a disk image with other files on its slot, by their paths there: a next version, or a bad one. */
export async function otherImage(
  image: string,
  output: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await copyDisk(image, output)
  const { startBytes } = await partitionOf(output, 'rootA')
  const work = await mkdtemp(join(tmpdir(), 'tunggal-other-'))
  try {
    const words: string[] = []
    for (const [path, content] of Object.entries(files)) {
      const local = join(work, basename(path))
      await writeFile(local, content, { mode: 0o644 })
      words.push(`rm ${path}`, `write ${local} ${path}`)
    }
    await writeFile(join(work, 'words'), `${words.join('\n')}\n`)
    await run('debugfs', ['-w', '-f', join(work, 'words'), `${output}?offset=${startBytes}`])
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
