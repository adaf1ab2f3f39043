import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Machine } from './ports.ts'

const BLOCK_BYTES = 512
/** `tunggal-trial.service` looks for it. */
const GOOD = '/run/tunggal/good'
const VERSION_FILE = '/etc/tunggal/version'

/** The board, where it runs an image of ours; undefined elsewhere. `reboot` asks whoever may restart it. */
export async function imageMachine(reboot: () => Promise<unknown>): Promise<Machine | undefined> {
  const version = await readFile(VERSION_FILE, 'utf8').catch(() => undefined)
  if (version === undefined) return undefined
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
  return {
    version: version.trim(),
    bootId: bootId.trim(),
    async reboot() {
      await reboot()
    },
    async sayGood() {
      await mkdir(dirname(GOOD), { recursive: true })
      await writeFile(GOOD, '')
    },
  }
}

/** From `/sys/class/block`: no right to open the device is needed. */
export async function blockDeviceBytes(device: string): Promise<number> {
  const name = (await realpath(device)).split('/').at(-1)
  return Number(await readFile(`/sys/class/block/${name}/size`, 'utf8')) * BLOCK_BYTES
}
