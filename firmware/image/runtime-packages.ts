import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectFolder } from '../project.ts'
import { lockedPackages } from './bill/parts.ts'

/** The packages that a kiosk has installed, those with native code for the machine. */
export async function copyRuntimePackages(into: string, addons: string): Promise<void> {
  const project = projectFolder()
  const installed = (await lockedPackages()).map(([path]) => path)
  const outermost = installed.filter(path => !installed.some(other => path.startsWith(`${other}/`)))
  for (const path of outermost)
    await cp(join(project, path), join(into, path), {
      recursive: true,
      filter: from => !/prebuilds\/(?!linux-arm64)/.test(from) && !from.endsWith('/@types/node'),
    })
  for (const name of ['epoll', 'i2c-bus'])
    await cp(join(addons, 'node_modules', name), join(into, 'node_modules', name), {
      recursive: true,
      force: true,
    })
  await writeFile(join(into, 'package.json'), '{ "type": "module" }\n')
}
