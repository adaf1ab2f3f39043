import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const CONNECTORS = '/sys/class/drm'

/** Whether a display is connected to this machine and can be drawn on. `folder`: the kernel's list of connectors. */
export async function hasDisplay(folder = CONNECTORS): Promise<boolean> {
  const names = await readdir(folder).catch(() => [])
  const states = await Promise.all(
    // Cards and render nodes have no status.
    names.map(name => readFile(join(folder, name, 'status'), 'utf8').catch(() => '')),
  )
  return states.some(state => state.trim() === 'connected')
}
