import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { z } from 'zod'
import { KioskError } from '../../src/base/errors.ts'
import { run } from '../image/run.ts'

/** What `lsblk` says of a disk and what is on it. */
interface Block {
  readonly size: number
  readonly type: string
  readonly model?: string | null
  readonly mountpoints?: readonly (string | null)[]
  readonly children?: readonly Block[]
}
const blockSchema: z.ZodType<Block> = z.lazy(() =>
  z.object({
    size: z.number(),
    type: z.string(),
    model: z.string().nullish(),
    mountpoints: z.array(z.string().nullable()).optional(),
    children: z.array(blockSchema).optional(),
  }),
)
const lsblkSchema = z.object({ blockdevices: z.array(blockSchema).min(1) })

export interface Target {
  readonly path: string
  /** `disk`: what is on it is lost. `file`: an image of one, for trying things out. */
  readonly kind: 'disk' | 'file'
  /** Undefined: a file that is not there yet. */
  readonly bytes?: number
  readonly model?: string
}

/**
 * Where an image may be written. Throws `flash/not-a-disk` for a partition and for what is no disk, `flash/in-use` for
 * one that this machine runs from or has mounted, `flash/too-small`.
 */
export async function targetOf(path: string, imageBytes: number): Promise<Target> {
  const stats = await stat(path).catch(() => undefined)
  if (stats === undefined && !path.startsWith('/dev/')) return { path, kind: 'file' }
  if (stats?.isFile()) return { path, kind: 'file', bytes: stats.size }
  if (!stats?.isBlockDevice()) throw new KioskError('flash/not-a-disk', { device: path })
  const columns = 'SIZE,TYPE,MODEL,MOUNTPOINTS'
  const output = await run('lsblk', ['--json', '--bytes', '--paths', '--output', columns, path])
  return { ...diskIn(output, path, imageBytes), path }
}

/**
 * Nobody mounts what is on a disk until the returned function is called: a desktop would as soon as the image is there,
 * and what the site needs would be written under a mounted file system. Rejects with `flash/in-use`.
 */
export async function holdDisk({ path, kind }: Target): Promise<() => Promise<void>> {
  if (kind === 'file') return async () => {}
  const held = await open(path, constants.O_RDONLY | constants.O_EXCL).catch(cause => {
    throw new KioskError('flash/in-use', { device: path, code: cause.code }, { cause })
  })
  return () => held.close()
}

/** Pure. Throws as `targetOf`. */
export function diskIn(lsblk: string, device: string, imageBytes: number): Omit<Target, 'path'> {
  const [disk] = lsblkSchema.parse(JSON.parse(lsblk)).blockdevices
  if (disk.type !== 'disk' && disk.type !== 'loop') throw new KioskError('flash/not-a-disk', { device })
  const used = mountsOf(disk)
  if (used.length > 0) throw new KioskError('flash/in-use', { device, mounted: used.slice(0, 3).join(', ') })
  if (disk.size < imageBytes)
    throw new KioskError('flash/too-small', { device, bytes: disk.size, imageBytes })
  return { kind: 'disk', bytes: disk.size, model: disk.model?.trim() || undefined }
}

function mountsOf({ mountpoints = [], children = [] }: Block): string[] {
  return [...mountpoints.filter(point => point !== null), ...children.flatMap(mountsOf)]
}
