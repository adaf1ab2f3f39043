import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Site } from '../../src/keys/claim/site.ts'
import { makeExt4 } from '../image/disk.ts'
import { partitionOf } from '../image/partition.ts'
import { run } from '../image/run.ts'

const MIB = 1 << 20
/** User and group of the runtime, in `firmware/image/files/usr/lib/sysusers.d`. */
const RUNTIME_ID = 800
/** It holds a key, and only root reads it. */
const WIFI_FILE = 'wifi.conf'

export interface SiteData {
  /** What `tunggal config check` accepts. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Key folder of the kiosk, as `tunggal keys issue` makes it; left out, the kiosk has to be claimed. */
  readonly keys?: string
  /** What it claims its certificate with. */
  readonly site?: Site
  /** Text for wpa_supplicant, from `wifi.ts`. */
  readonly wifi?: string
  readonly epochS: number
}

/** Fills the data partition of a disk, or of an image of one, anew: what was there is gone. */
export async function writeSiteData(
  disk: string,
  { settings, keys, site, wifi, epochS }: SiteData,
): Promise<void> {
  const { startBytes, sizeBytes } = await partitionOf(disk, 'data')
  const work = await mkdtemp(join(tmpdir(), 'tunggal-site-'))
  try {
    const tree = join(work, 'tree')
    await mkdir(join(tree, 'site'), { recursive: true })
    // Where the image mounts them before anything could make them.
    for (const name of ['journal', 'clock']) await mkdir(join(tree, name))
    // The time that a board without a battery clock starts at (systemd-timesyncd(8)): else that of systemd's release, at
    // which no certificate is good yet, and where nobody tells it the time it would never claim its own.
    const clock = join(tree, 'clock/clock')
    await writeFile(clock, '')
    await utimes(clock, epochS, epochS)
    await mkdir(join(tree, 'tunggal/keys'), { recursive: true, mode: 0o700 })
    await writeFile(join(tree, 'site/settings.json'), JSON.stringify(settings))
    if (wifi !== undefined) await writeFile(join(tree, 'site', WIFI_FILE), wifi, { mode: 0o600 })
    if (site !== undefined) {
      await writeFile(join(tree, 'site/site.json'), JSON.stringify(site))
      await writeFile(join(tree, 'site/root.pem'), site.root)
    }
    if (keys !== undefined) {
      await cp(keys, join(tree, 'tunggal/keys/kiosk'), { recursive: true })
      // RAUC reads it: signers of updates lead to the same root.
      await cp(join(keys, 'root.pem'), join(tree, 'site/root.pem'))
    }
    // Whatever this user's umask: the runtime is another user, and reads what is there.
    for (const name of ['', 'site', 'journal', 'clock']) await chmod(join(tree, name), 0o755)
    for (const name of await readdir(join(tree, 'site')))
      await chmod(join(tree, 'site', name), name === WIFI_FILE ? 0o600 : 0o644)
    await giveToRuntime(join(tree, 'tunggal'))
    const image = join(work, 'data.ext4')
    await makeExt4(image, {
      from: tree,
      mib: Math.floor(sizeBytes / MIB),
      uuid: 'dataFileSystem',
      epochS,
      label: 'data',
    })
    const words = [
      `if=${image}`,
      `of=${disk}`,
      'bs=1M',
      `seek=${startBytes}`,
      'oflag=seek_bytes',
      'conv=notrunc,fsync',
    ]
    await run('dd', words)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function giveToRuntime(folder: string): Promise<void> {
  await chown(folder, RUNTIME_ID, RUNTIME_ID)
  await chmod(folder, 0o700)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await giveToRuntime(path)
    else await chown(path, RUNTIME_ID, RUNTIME_ID)
  }
}
