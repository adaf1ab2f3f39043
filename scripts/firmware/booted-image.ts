import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { run } from '../../firmware/image/run.ts'
import { dialSoon, Qmp } from '../emulated/qmp.ts'

const U_BOOT = '/usr/lib/u-boot/qemu_arm64/u-boot.bin'
/** In `firmware/image/files-virt`. */
const AGENT_PORT = 4000
const MEMORY_MIB = 1024
const BOOT_MS_MAX = 600_000
const LOOK_MS = 1000
const ANSWER_MS = 20_000
const CONSOLE_CHARACTERS_MAX = 400_000

/** Where this machine is, as a booted image sees it. */
export const HOST_ADDRESS = '10.0.2.2'

export interface BootOptions {
  /** Hears each piece of what U-Boot, kernel and systemd write. */
  readonly onConsole?: (text: string) => void
  /** It has a display and a keyboard; left out: neither. */
  readonly hasDisplay?: boolean
  readonly memoryMib?: number
  /**
   * Its clock counts what one processor does, a nanosecond an instruction, whatever the machine below is busy with
   * (QEMU's `icount`); while it waits, the clock on the wall. Left out: two processors, and the clock on the wall.
   */
  readonly isCounted?: boolean
}

/** A kiosk's disk in a machine that runs: U-Boot, the kernel and systemd as on a board. */
export class BootedImage {
  /** Everything on the serial console so far. */
  console = ''

  private constructor(
    private readonly work: string,
    private readonly qemu: ChildProcess,
    private readonly onConsole: (text: string) => void,
  ) {
    for (const stream of [qemu.stdout, qemu.stderr])
      stream?.setEncoding('utf8').on('data', (piece: string) => {
        this.console = (this.console + piece).slice(-CONSOLE_CHARACTERS_MAX)
        this.onConsole(piece)
      })
  }

  /** Boots `disk`, which is written to; resolves once commands can be given. */
  static async boot(disk: string, options: BootOptions = {}): Promise<BootedImage> {
    const { onConsole = () => {} } = options
    const work = await mkdtemp(join(tmpdir(), 'tunggal-image-'))
    // Whatever ends this process, however, ends the machine.
    const program = ['--pdeathsig', 'KILL', 'qemu-system-aarch64', ...words(work, disk, options)]
    const qemu = spawn('setpriv', program, { stdio: ['ignore', 'pipe', 'pipe'] })
    const image = new BootedImage(work, qemu, onConsole)
    try {
      const info = String(await image.ask('human-monitor-command', { 'command-line': 'info usernet' }))
      image.port = Number(/HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s/.exec(info)?.[1])
      await image.untilItAnswers()
      return image
    } catch (cause) {
      await image.pull()
      throw cause
    }
  }

  private port = 0

  /** What a shell command writes, and how it ends; -1 where the machine does not answer. */
  async run(command: string, timeoutMs = ANSWER_MS): Promise<{ code: number; text: string }> {
    const socket = connect({ port: this.port, host: '127.0.0.1' })
    const late = AbortSignal.timeout(timeoutMs)
    let text = ''
    socket.setEncoding('utf8').on('data', piece => {
      text += piece
    })
    socket.on('error', () => {})
    late.addEventListener('abort', () => socket.destroy())
    socket.write(`( ${command} ) </dev/null 2>&1; printf '\\nexit %d\\n' $?; exit\n`)
    // An error is always followed by the end.
    await new Promise(resolve => socket.once('close', resolve))
    const end = /\nexit (\d+)\n$/.exec(text)
    return { code: end === null ? -1 : Number(end[1]), text: text.slice(0, end?.index) }
  }

  /** As `run`; rejects where the command fails. */
  async must(command: string, timeoutMs?: number): Promise<string> {
    const { code, text } = await this.run(command, timeoutMs)
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${text.slice(-1500)}`)
    return text
  }

  /** What is on its display, as a PNG. */
  async photograph(file: string): Promise<void> {
    await this.ask('screendump', { filename: file, format: 'png' })
  }

  /** Keys that are pressed together, by QEMU's names (`qapi/ui.json`, QKeyCode). */
  async press(...keys: readonly string[]): Promise<void> {
    await this.ask('send-key', { keys: keys.map(data => ({ type: 'qcode', data })) })
  }

  private async ask(execute: string, words?: Record<string, unknown>): Promise<unknown> {
    const qmp = new Qmp(await dialSoon(join(this.work, 'qmp'), () => this.qemu.exitCode !== null))
    try {
      await qmp.ask('qmp_capabilities')
      return await qmp.ask(execute, words)
    } finally {
      qmp.close()
    }
  }

  /** The plug is pulled. */
  async pull(): Promise<void> {
    if (this.qemu.exitCode === null && this.qemu.signalCode === null) {
      const gone = once(this.qemu, 'exit')
      this.qemu.kill('SIGKILL')
      await gone
    }
    await rm(this.work, { recursive: true, force: true })
  }

  private async untilItAnswers(): Promise<void> {
    const endMs = performance.now() + BOOT_MS_MAX
    while (performance.now() < endMs) {
      if (this.qemu.exitCode !== null) throw new Error(`the machine has ended: ${this.console.slice(-1500)}`)
      const { code } = await this.run('true', 5000)
      if (code === 0) return
      await setTimeout(LOOK_MS)
    }
    throw new Error(`the machine did not start within ${BOOT_MS_MAX} ms: ${this.console.slice(-1500)}`)
  }
}

function words(
  work: string,
  disk: string,
  { hasDisplay = false, memoryMib = MEMORY_MIB, isCounted = false }: BootOptions,
): string[] {
  return [
    ...['-M', 'virt', '-accel', 'tcg', '-cpu', 'cortex-a53', '-m', String(memoryMib)],
    ...(isCounted ? ['-smp', '1', '-icount', 'shift=0'] : ['-smp', '2']),
    ...['-nodefaults', '-display', 'none', '-serial', 'stdio', '-bios', U_BOOT],
    ...['-qmp', `unix:${join(work, 'qmp')},server=on,wait=off`],
    ...['-drive', `file=${disk},format=raw,if=none,id=disk,cache=writeback`],
    ...['-device', 'virtio-blk-pci,drive=disk'],
    ...['-netdev', `user,id=net,hostfwd=tcp:127.0.0.1:0-:${AGENT_PORT}`],
    ...['-device', 'virtio-net-pci,netdev=net,romfile='],
    ...['-device', 'virtio-rng-pci', '-device', 'i6300esb', '-action', 'watchdog=reset'],
    ...(hasDisplay ? ['-device', 'virtio-gpu-pci,xres=1024,yres=600', '-device', 'virtio-keyboard-pci'] : []),
  ]
}

/** A copy of a disk that grows only by what is written to it. */
export async function copyDisk(from: string, to: string): Promise<void> {
  await run('cp', ['--sparse=always', '--reflink=auto', from, to])
}
