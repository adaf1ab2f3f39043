import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, open, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const CHUNK_BYTES = 64 * 1024
const MOUNTS_MAX = 300
const MOUNT_INTERVAL_MS = 100

/** A small ext4 file system of its own in a file, mounted on a folder. Needs root, and a kernel with loop devices. */
export interface LoopDisk {
  /** Where it is mounted. */
  readonly folder: string
  /** The file that is the disk. */
  readonly image: string
  /** Writes a file until the disk has no room left; `makeRoom` removes it. */
  fill(): Promise<void>
  makeRoom(): Promise<void>
  /** As when the power of the disk fails under a running system. */
  shutDown(): Promise<void>
  /** Takes it away, though files on it are open. */
  unmount(): Promise<void>
  mount(how: 'read-write' | 'read-only'): Promise<void>
  /** Gives everything back to the system. */
  destroy(): Promise<void>
}

/** What was unmounted stays mounted for whoever has a file of it open: tried until they have let go. */
async function mountAgain(words: readonly string[]): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await run('mount', words)
      return
    } catch (error) {
      if (tries === MOUNTS_MAX) throw error
      await setTimeout(MOUNT_INTERVAL_MS)
    }
  }
}

/** Rejects where this machine does not let us. */
export async function makeLoopDisk(sizeMiB: number): Promise<LoopDisk> {
  // Of its own: whoever clears up after a test must not meet a file system in the way.
  const folder = await mkdtemp(join(tmpdir(), 'tunggal-disk-'))
  const image = join(folder, 'disk.img')
  const mountedOn = join(folder, 'disk')
  const ballast = join(mountedOn, 'ballast')
  const shutter = join(folder, 'shut-down-disk')
  await run('gcc', ['-O2', '-Wall', '-o', shutter, join(import.meta.dirname, 'shut-down-disk.c')])
  const file = await open(image, 'w')
  await file.truncate(sizeMiB * 1024 * 1024)
  await file.close()
  await run('mkfs.ext4', ['-q', '-F', image])
  await mkdir(mountedOn)
  // Not by `mount -o loop`: mounted read-only, the device too would be, and the journal could not be played back.
  const device = (await run('losetup', ['--find', '--show', image])).stdout.trim()
  let isReadOnly = false
  const disk: LoopDisk = {
    folder: mountedOn,
    image,
    async fill() {
      const filler = await open(ballast, 'w')
      try {
        while ((await statfs(mountedOn)).bfree > 0) await filler.write(Buffer.alloc(CHUNK_BYTES, 1))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        await filler.close()
      }
    },
    makeRoom: () => rm(ballast),
    shutDown: async () => void (await run(shutter, [mountedOn])),
    async unmount() {
      await run('umount', ['-l', mountedOn])
      isReadOnly = false
    },
    async mount(how) {
      if (isReadOnly) await run('mount', ['-o', 'remount,rw', mountedOn])
      else await mountAgain(['-o', how === 'read-only' ? 'ro' : 'rw', device, mountedOn])
      isReadOnly = how === 'read-only'
    },
    async destroy() {
      await run('umount', ['-l', mountedOn]).catch(() => {})
      await run('losetup', ['--detach', device])
      await rm(folder, { recursive: true })
    },
  }
  await run('mount', [device, mountedOn])
  return disk
}
