import { readdir } from 'node:fs/promises'
import { KioskError } from '../../src/base/errors.ts'

/** Throws `firmware/no-tool` for the first program that this machine lacks. `tools`: program → Debian package. */
export async function requireTools(tools: Readonly<Record<string, string>>): Promise<void> {
  const path = (process.env.PATH ?? '').split(':').concat('/usr/sbin', '/sbin')
  const names = new Set((await Promise.all(path.map(folder => readdir(folder).catch(() => [])))).flat())
  const missing = Object.entries(tools).find(([program]) => !names.has(program))
  if (missing !== undefined)
    throw new KioskError('firmware/no-tool', { program: missing[0], install: missing[1] })
}
