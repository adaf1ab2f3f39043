import { access, constants, statfs } from 'node:fs/promises'
import { arch, release } from 'node:os'
import { type Check, fault, fine } from './check.ts'

const YEAR_MIN = 2025
const YEAR_MAX = 2100
const MIB = 1024 * 1024

export function kernelCheck(): Check {
  return fine('kernel', `Linux ${release()} ${arch()}, Node ${process.versions.node}`)
}

/** A clock that is far off makes certificates unbelievable, so that no submission leaves; they wait here. */
export function clockCheck(nowMs: number): Check {
  const now = new Date(nowMs)
  const year = now.getUTCFullYear()
  if (year >= YEAR_MIN && year <= YEAR_MAX) return fine('clock', now.toISOString())
  return fault(
    'clock',
    `it shows ${now.toISOString()}, which cannot be`,
    'set it (sudo timedatectl set-time "YYYY-MM-DD hh:mm"), and change the battery of the clock',
  )
}

/** Whether citizens see the page. Without a display nobody is to see one. */
export function screenCheck({ isDark }: { readonly isDark: boolean }, hasDisplay: boolean): Check {
  if (!hasDisplay) return fine('screen', 'no display is connected')
  if (!isDark) return fine('screen', 'the page is on it')
  const remedy = 'it is started anew by itself; if that does not help, restart the board'
  return fault('screen', 'a display is connected, and the page is not on it', remedy, { vital: true })
}

/** Whether `folder` can be written and has at least `freeBytesMin` left. */
export async function spaceCheck(folder: string, freeBytesMin: number): Promise<Check> {
  const vital = { vital: true }
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    const { bavail, bsize } = await statfs(folder)
    const free = `${Math.floor((bavail * bsize) / MIB)} MiB free in ${folder}`
    if (bavail * bsize >= freeBytesMin) return fine('disk space', free, vital)
    const needed = `${free}, and ${Math.ceil(freeBytesMin / MIB)} MiB must stay free`
    return fault(
      'disk space',
      needed,
      'connect the network so that the outbox drains, or tunggal outbox export',
      vital,
    )
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? ''
    const [detail, remedy] = unusable[code] ?? ['may not be used', 'sudo chown -R tunggal: DIR']
    return fault('disk space', `${folder} ${detail} (${code})`, remedy.replace('DIR', folder), vital)
  }
}

const unusable: Readonly<Record<string, readonly [detail: string, remedy: string]>> = {
  ENOENT: ['is not there', 'tunggal keys init or issue makes it; or name another with --data DIR'],
  ENOTDIR: ['is no folder', 'name another with --data DIR'],
  EROFS: ['is read-only', 'the card is worn or damaged: tunggal outbox export, then replace it'],
  EIO: ['cannot be read', 'the card is damaged: tunggal outbox export --from, then replace it'],
}
