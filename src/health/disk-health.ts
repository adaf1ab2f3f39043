import { readFile, readlink, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Check, fault, fine } from './check.ts'

/** In tenths of its life; 11 is beyond it (JEDEC JESD84-B51, 7.4.27: DEVICE_LIFE_TIME_EST_TYP_A and _B). */
const WORN_TENTHS = 9
const remedy = 'tunggal outbox export, then replace the card'

/**
 * What the disk under `folder` tells of itself: errors that ext4 met, and the wear of an eMMC. SD cards tell no wear.
 * `sysPath` is `/sys`, or what a test puts in its place.
 */
export async function diskHealthCheck(folder: string, sysPath = '/sys'): Promise<Check> {
  const check = 'disk health'
  const device = await blockDevice(folder, sysPath)
  if (device === undefined) return fine(check, 'no block device of its own')
  const name = basename(device)
  const errors = Number(await readText(join(sysPath, 'fs/ext4', name, 'errors_count')))
  if (errors > 0) return fault(check, `${name}: the file system met ${errors} errors`, remedy)
  // A partition is a folder of its disk.
  const life =
    (await readText(join(device, 'device/life_time'))) ??
    (await readText(join(device, '../device/life_time')))
  if (life === undefined) return fine(check, `${name}: no errors; it does not tell its wear`)
  const tenths = Math.max(...life.trim().split(/\s+/).map(Number))
  if (tenths >= WORN_TENTHS)
    return fault(check, `${name}: ${Math.min(tenths, 10) * 10} % of its life used`, remedy)
  return fine(check, `${name}: no errors, at most ${tenths * 10} % of its life used`)
}

/** The folder of the device in sysfs. */
async function blockDevice(folder: string, sysPath: string): Promise<string | undefined> {
  try {
    const { dev } = await stat(folder, { bigint: true })
    // As makedev(3) packs them.
    const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n)
    const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n)
    const link = join(sysPath, `dev/block/${major}:${minor}`)
    return join(link, '..', await readlink(link))
  } catch {
    return undefined
  }
}

async function readText(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch(() => undefined)
}
