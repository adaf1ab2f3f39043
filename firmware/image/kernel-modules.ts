import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

const DEPENDS = Buffer.from('\0depends=')

/**
 * Rejects where the kernel of the tree below `root` could not load one of `names`: it, or what it depends on, is not there.
 * What a module depends on stands in itself (section `.modinfo`; Debian 12 does not compress modules).
 */
export async function requireModules(root: string, names: readonly string[]): Promise<void> {
  const folder = join(root, 'usr/lib/modules')
  const [version] = await readdir(folder)
  const files = await readdir(join(folder, version), { recursive: true })
  const paths = new Map(files.filter(isModule).map(file => [nameOf(file), join(folder, version, file)]))
  const builtIn = await readFile(join(folder, version, 'modules.builtin'), 'utf8')
  const present = new Set(builtIn.split('\n').filter(isModule).map(nameOf))
  const need = async (name: string, by: string): Promise<void> => {
    if (present.has(name)) return
    const path = paths.get(name)
    if (path === undefined) throw new Error(`the kernel has no module ${name}, which ${by} needs`)
    present.add(name)
    for (const other of dependsOn(await readFile(path))) await need(other, name)
  }
  for (const name of names) await need(name, 'a kiosk')
}

function dependsOn(module: Buffer): string[] {
  const found = module.indexOf(DEPENDS)
  if (found === -1) throw new Error('this is no module of a kernel')
  const start = found + DEPENDS.length
  const text = module.toString('latin1', start, module.indexOf(0, start))
  return text
    .split(',')
    .filter(name => name !== '')
    .map(nameOf)
}

const isModule = (file: string) => file.endsWith('.ko')

/** `-` and `_` are the same to whoever loads a module. */
function nameOf(file: string): string {
  return basename(file, '.ko').replaceAll('-', '_')
}
