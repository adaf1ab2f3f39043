import { readFile, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'

const MOUNTS_MAX = 200

/**
 * Folders of USB drives that are mounted and can be written. `root` is `/`, or what a test puts in its place; the
 * folders are as the kernel names them.
 */
export async function removableDrives(root = '/'): Promise<readonly string[]> {
  const mounts = writableMounts(await readFile(join(root, 'proc/self/mounts'), 'utf8').catch(() => ''))
  const folders: string[] = []
  for (const { device, folder } of mounts.slice(0, MOUNTS_MAX)) {
    const link = join(root, 'sys/class/block', basename(device))
    const where = await realpath(link).catch(() => '')
    if (/\/usb\d+\//.test(where)) folders.push(folder)
  }
  return folders
}

/** Of block devices, as `/proc/self/mounts` has them. Pure. */
export function writableMounts(text: string): readonly { device: string; folder: string }[] {
  return text.split('\n').flatMap(line => {
    const [device, folder, , options = ''] = line.split(' ')
    if (!device?.startsWith('/dev/') || !options.split(',').includes('rw')) return []
    return [{ device, folder: folder.replace(/\\(\d{3})/g, (_, octal) => unescaped(octal)) }]
  })
}

function unescaped(octal: string): string {
  return String.fromCharCode(Number.parseInt(octal, 8))
}
