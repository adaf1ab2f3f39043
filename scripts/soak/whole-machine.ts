import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Random } from '../../src/finger/synthetic/random.ts'
import { openFolderStore } from '../../test/store/folder.ts'
import { Told } from '../../test/store/told.ts'
import { Machine } from '../emulated/machine.ts'
import type { Soak } from '../soak.ts'

const run = promisify(execFile)
const CYCLES = 20
/** Then a new disk: a first start can be cut off, too, and a long queue takes long to check. */
const CYCLES_A_DISK = 5
const DISK_BYTES = 512 * 1024 * 1024
const LIFE_MS_MAX = 15_000
const STREAM = 0x9c09
const busyChild = join(import.meta.dirname, '../../test/store/busy-child.ts')

/**
 * The plug of a whole machine is pulled: the emulated board, with its own kernel and an ext4 on a virtio disk, is killed
 * under a busy kiosk, one time after the other. What it said over the network by then must be on the disk, which this
 * machine mounts (it needs root). `npm run -s soak -- whole-machine`.
 */
export const wholeMachine: Soak = async ({ seed, count = CYCLES, print, progress }) => {
  const folder = await mkdtemp(join(tmpdir(), 'tunggal-soak-'))
  const random = new Random(seed, STREAM)
  const disk = join(folder, 'disk.img')
  const totals = { cycles: 0, enrolled: 0, settled: 0, contradictions: 0 }
  const mountedOn = join(folder, 'disk')
  await mkdir(mountedOn)
  try {
    let told = new Told()
    for (let cycle = 0; cycle < count; cycle++) {
      if (cycle % CYCLES_A_DISK === 0) {
        await newDisk(disk)
        told = new Told()
      }
      progress(`machine ${cycle + 1} of ${count}, ${totals.contradictions} contradictions`)
      const before = { enrolled: told.enrolled.size, settled: told.settled.size }
      const lifeMs = random.uniform() * LIFE_MS_MAX
      told.hear(await runUntilPulled(disk, { people: cycle * 7, lifeMs }))
      const wrong = await mounted(disk, mountedOn, async data => {
        const store = await openFolderStore(data)
        try {
          return await told.contradictions(store)
        } finally {
          await store.close()
        }
      })
      for (const what of wrong) print({ seed, cycle, wrong: what })
      totals.cycles++
      totals.enrolled += told.enrolled.size - before.enrolled
      totals.settled += told.settled.size - before.settled
      totals.contradictions += wrong.length
      print({ seed, cycle, lifeMs: Math.round(lifeMs), ...totals })
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  print({ seed, ...totals })
  return totals.contradictions === 0 && totals.enrolled > 0
}

async function newDisk(disk: string): Promise<void> {
  await writeFile(disk, '')
  await truncate(disk, DISK_BYTES)
  await run('mkfs.ext4', ['-q', '-F', disk])
}

/** Boots it, and pulls its plug `lifeMs` after the first enrolment. Returns what the kiosk said. */
async function runUntilPulled(
  disk: string,
  { people, lifeMs }: { people: number; lifeMs: number },
): Promise<string> {
  const machine = await Machine.boot({ programs: [busyChild], disk })
  let output = ''
  try {
    const kiosk = await machine.dial(
      `mount -t ext4 /dev/vda /data && mkdir -p /data/store && exec node guest/busy-child.js /data/store ${people} 2>&1`,
    )
    await new Promise<void>((resolve, reject) => {
      kiosk.setEncoding('utf8').on('data', (piece: string) => {
        output += piece
        if (/^enrolled .*\n/m.test(output)) resolve()
      })
      kiosk.on('error', reject)
      kiosk.once('end', () => reject(new Error(`the kiosk ended: ${output.slice(-1000)}`)))
    })
    kiosk.removeAllListeners('error').on('error', () => {})
    await setTimeout(lifeMs)
  } finally {
    await machine.kill()
  }
  return output
}

/** The file system in `disk`, its journal played back, for as long as `use` takes. */
async function mounted<T>(disk: string, folder: string, use: (data: string) => Promise<T>): Promise<T> {
  await run('mount', ['-o', 'loop', disk, folder])
  try {
    return await use(join(folder, 'store'))
  } finally {
    await run('umount', [folder])
  }
}
