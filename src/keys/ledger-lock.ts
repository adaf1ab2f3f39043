import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'

const LOCK_FILE = 'issued.lock'
const BOOT_ID = '/proc/sys/kernel/random/boot_id'
const WAIT_MS_MAX = 30_000
const LOOK_INTERVAL_MS = 50

/** Within this process: whose turn is next. */
let turns = 0

/**
 * Does something with an authority's ledger while nobody else does: the claim service certifies while somebody
 * revokes, and a certificate that dropped out of the ledger could never be revoked. A lock whose holder is gone (dead, or
 * of before a power cut) is taken over. Rejects with `keys/busy`, `io/unwritable`.
 */
export async function withLedger<T>(
  folder: string,
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>,
  use: () => Promise<T>,
): Promise<T> {
  const path = join(folder, LOCK_FILE)
  const mine = `${path}.${process.pid}.${turns++}`
  const endMs = clock.monotonicMs() + WAIT_MS_MAX
  try {
    // Written aside, so that whoever sees a lock sees whose it is.
    await writeFile(mine, `${await bootId()} ${process.pid}`, { mode: 0o600 })
    while (!(await take(mine, path))) {
      const held = await readFile(path, 'utf8').catch(() => '')
      if (held !== '' && (await isAbandoned(held))) await takeAway(path, `${mine}.old`, held)
      else if (clock.monotonicMs() > endMs) throw new KioskError('keys/busy', { file: path })
      else await clock.sleep(LOOK_INTERVAL_MS)
    }
  } catch (cause) {
    await rm(mine, { force: true })
    if (cause instanceof KioskError) throw cause
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    throw new KioskError('io/unwritable', { file: path, code }, { cause })
  }
  try {
    return await use()
  } finally {
    await rm(path, { force: true })
    await rm(mine, { force: true })
  }
}

async function take(mine: string, path: string): Promise<boolean> {
  try {
    await link(mine, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Another one may have taken it over just before: then it is put back. */
async function takeAway(path: string, aside: string, held: string): Promise<void> {
  try {
    await rename(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if ((await readFile(aside, 'utf8')) !== held) await link(aside, path).catch(() => {})
  await rm(aside, { force: true })
}

async function isAbandoned(held: string): Promise<boolean> {
  const [boot, pid] = held.split(' ')
  if (boot !== (await bootId())) return true
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

async function bootId(): Promise<string> {
  return (await readFile(BOOT_ID, 'utf8').catch(() => 'unknown')).trim()
}
