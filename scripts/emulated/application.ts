import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packCpio } from './archive.ts'
import { bundleProgram } from './bundle-program.ts'

const project = join(import.meta.dirname, '../..')
const always = ['agent.ts', 'printer-end.ts', 'i2c-parts.ts'].map(name =>
  join(import.meta.dirname, 'guest', name),
)

/**
 * Makes the first file system of a machine: `system`, and over it the project as it is now: `dist` and the bundled
 * `programs` below `/opt/tunggal`. The kernel unpacks archives that follow each other one over the other.
 */
export async function makeInitrd(
  work: string,
  { system, programs }: { system: string; programs: readonly string[] },
): Promise<string> {
  const root = join(work, 'application')
  const guest = join(root, 'opt/tunggal/guest')
  await mkdir(guest, { recursive: true })
  await cp(join(project, 'dist'), join(root, 'opt/tunggal/dist'), { recursive: true })
  for (const program of [...always, ...programs]) await bundleProgram(program, guest)
  const archive = join(work, 'application.cpio')
  await packCpio(root, archive)
  const initrd = join(work, 'initrd')
  await writeFile(initrd, Buffer.concat([await readFile(system), await readFile(archive)]))
  await rm(root, { recursive: true })
  return initrd
}
