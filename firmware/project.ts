import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { KioskError } from '../src/base/errors.ts'

/**
 * The checkout that this program was built in. Throws `firmware/no-checkout` where it is not one: images are made from
 * sources, on a technician's or a build machine.
 */
export function projectFolder(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, 'firmware/image/files'))) return folder
  throw new KioskError('firmware/no-checkout')
}
