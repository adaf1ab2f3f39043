import { strict as assert } from 'node:assert'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { debianRoot } from '../../firmware/image/debian-root.ts'
import { editTree } from '../../firmware/image/device-tree.ts'
import { partitionOf } from '../../firmware/image/partition.ts'
import { run } from '../../firmware/image/run.ts'
import { variants } from '../../firmware/image/variants.ts'

const { slotVariables } = variants['raspberry-pi-4']
const TREE = 'broadcom/bcm2837-rpi-3-b.dtb'
/** QEMU's cards have a power of two of bytes. */
const CARD_SIZE = '8G'
const LOOK_MS = 2_000

/**
 * A card for a Raspberry Pi 4 in a Raspberry Pi 3, the nearest board that QEMU 7.2 has: U-Boot, its variables and its script
 * are the card's, and so are kernel and slot; the device tree is that of the 3, and nothing before U-Boot runs.
 */
export class RaspberryPi3 {
  private qemu: ChildProcess | undefined

  private constructor(
    private readonly card: string,
    private readonly work: string,
  ) {}

  /** `card` becomes larger. */
  static async withCard(card: string, work: string): Promise<RaspberryPi3> {
    await run('truncate', ['-s', CARD_SIZE, card])
    const board = new RaspberryPi3(card, work)
    await board.copyFromBoot('u-boot.bin')
    const { archive } = await debianRoot(variants['raspberry-pi-4'])
    const words = [
      '-x',
      '-f',
      archive,
      '-C',
      work,
      '--strip-components=5',
      '--wildcards',
      `./usr/lib/linux-image-*/${TREE}`,
    ]
    await run('tar', words)
    await editTree(board.tree, [
      // As in the tree of the 4: the card is number 0.
      { node: '/aliases', property: 'mmc0', text: '/soc/mmc@7e202000' },
      // QEMU resets the board as soon as its watchdog is switched on.
      { node: '/soc/watchdog@7e100000', property: 'status', text: 'disabled' },
    ])
    return board
  }

  plugIn(): void {
    const words = [
      ...['--pdeathsig', 'KILL', 'qemu-system-aarch64', '-M', 'raspi3b', '-smp', '4'],
      ...['-kernel', join(this.work, 'u-boot.bin'), '-dtb', this.tree],
      ...['-drive', `file=${this.card},if=sd,format=raw`],
      ...['-display', 'none', '-serial', 'none', '-monitor', 'none'],
    ]
    this.qemu = spawn('setpriv', words, { stdio: 'ignore' })
  }

  async pull(): Promise<void> {
    const { qemu } = this
    if (qemu?.exitCode === null && qemu.signalCode === null) {
      const gone = once(qemu, 'exit')
      qemu.kill('SIGKILL')
      await gone
    }
    this.qemu = undefined
  }

  /** The variables of its slots, which U-Boot and the running slot write; none while they are being written. */
  async slotVariables(): Promise<ReadonlyMap<string, string>> {
    try {
      const bytes = await readFile(await this.copyFromBoot(slotVariables.file))
      const lines = bytes.subarray(4).toString('latin1').split('\0')
      return new Map(
        lines.filter(line => line.includes('=')).map(line => line.split('=', 2) as [string, string]),
      )
    } catch {
      return new Map()
    }
  }

  /** Resolves once the variables are as `isWanted` says. */
  async until(
    isWanted: (variables: ReadonlyMap<string, string>) => boolean,
    timeoutMs: number,
  ): Promise<void> {
    const endMs = performance.now() + timeoutMs
    while (!isWanted(await this.slotVariables())) {
      assert(performance.now() < endMs, `its slots' variables were not as wanted within ${timeoutMs} ms`)
      assert(this.qemu?.exitCode === null, 'it runs')
      await setTimeout(LOOK_MS)
    }
  }

  /** What its log says; while it is not plugged in. */
  async log(): Promise<string> {
    const { startBytes, sizeBytes } = await partitionOf(this.card, 'data')
    const [data, folder] = [join(this.work, 'data.ext4'), join(this.work, 'log')]
    const cut = [`skip=${startBytes}`, `count=${sizeBytes}`, 'iflag=skip_bytes,count_bytes', 'conv=sparse']
    await run('dd', [`if=${this.card}`, `of=${data}`, 'bs=1M', 'status=none', ...cut])
    // What was written last is in the file system's journal, which debugfs does not look at; e2fsck says 1 for "mended".
    await run('sh', ['-c', 'e2fsck -p "$1" || [ $? -eq 1 ]', 'sh', data])
    await mkdir(folder)
    await run('debugfs', ['-R', `rdump /journal ${folder}`, data])
    await rm(data)
    return run('journalctl', ['--directory', join(folder, 'journal'), '--no-pager', '-o', 'cat'])
  }

  private get tree(): string {
    return join(this.work, 'bcm2837-rpi-3-b.dtb')
  }

  private async copyFromBoot(name: string): Promise<string> {
    const { startBytes } = await partitionOf(this.card, 'boot')
    const into = join(this.work, name)
    await run('mcopy', ['-n', '-o', '-i', `${this.card}@@${startBytes}`, `::${name}`, into])
    return into
  }
}
