import { writeFile } from 'node:fs/promises'
import { KioskError } from '../base/errors.ts'

/** Where systemd looks for it (`tunggal-reboot.path`): the runtime itself may not restart the machine. */
export const REBOOT_REQUEST = '/run/tunggal/reboot'

/**
 * Asks for a restart of the whole machine: whoever watches `request` does it, after the runtime has closed its store.
 * False: nobody does here, the folder is not there. Rejects with `io/unwritable`.
 */
export async function requestReboot(request: string, at: string): Promise<boolean> {
  try {
    await writeFile(request, `${at}\n`, { mode: 0o600 })
    return true
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return false
    throw new KioskError('io/unwritable', { what: 'reboot request', code }, { cause })
  }
}
