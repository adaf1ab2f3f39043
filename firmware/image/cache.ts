import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

const root = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tunggal', 'built')

/**
 * The folder that `make` has filled for this key, now or in an earlier run. The key holds everything that decides what
 * is made. It is made aside and then moved, so that a folder is whole or not there, however a run ends; two runs at
 * once may make it twice.
 */
export async function cached(
  name: string,
  key: readonly (string | Uint8Array)[],
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256')
  for (const part of key) hash.update(createHash('sha256').update(part).digest())
  const folder = join(root, `${name}-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(folder)) return folder
  await mkdir(root, { recursive: true })
  await sweep()
  const aside = `${folder}.part-${process.pid}`
  await mkdir(aside)
  process.stderr.write(`building ${name} (once)…\n`)
  try {
    await make(aside)
    await rename(aside, folder)
  } catch (cause) {
    await rm(aside, { recursive: true, force: true })
    if (!existsSync(folder)) throw cause
  }
  return folder
}

/** Takes away what runs that were killed have left half-made. */
async function sweep(): Promise<void> {
  for (const name of await readdir(root)) {
    const pid = /\.part-(\d+)$/.exec(name)?.[1]
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      await rm(join(root, name), { recursive: true, force: true })
  }
}
