import { writeFile } from 'node:fs/promises'
import { KioskError } from '../base/errors.ts'

/**
 * What the runtime asks of the machine, and may not do itself: systemd looks for these files (`tunggal-reboot.path`,
 * `tunggal-screen-again.path`).
 */
export const REBOOT_REQUEST = '/run/tunggal/reboot'
export const SCREEN_REQUEST = '/run/tunggal/screen-again'

/**
 * Makes one of these files. Whoever watches for it restarts the machine, after the runtime has closed its store, or
 * starts its screen anew. False: nobody does here, the folder is not there. Rejects with `io/unwritable`.
 */
export async function askMachine(request: string, at: string): Promise<boolean> {
  try {
    await writeFile(request, `${at}\n`, { mode: 0o600 })
    return true
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return false
    throw new KioskError('io/unwritable', { what: 'request to the machine', code }, { cause })
  }
}
