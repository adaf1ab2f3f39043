import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AGENT_PORT, AGENT_READY } from './agent-words.ts'
import { makeInitrd } from './application.ts'
import { boardImage } from './initrd.ts'
import { Pins } from './pins.ts'
import { dialSoon, Qmp } from './qmp.ts'

/** A board of 1 GB, and its files, which are in memory too: half of it is their room, where the store leaves 256 MiB free. */
const MEMORY_MIB = 1280
const BOOT_MS_MAX = 240_000
const OFF_MS_MAX = 20_000
const CONSOLE_CHARACTERS_MAX = 200_000
const TAIL_CHARACTERS = 1500

export interface MachineOptions {
  /** TypeScript files, each bundled to `/opt/tunggal/guest/NAME.js`. */
  readonly programs?: readonly string[]
  /** A file of this machine's that is its disk, `/dev/vda`; what it was told to keep outlives `kill`. */
  readonly disk?: string
  /** Hears each piece of the kernel's console. */
  readonly onConsole?: (text: string) => void
}

/** An arm64 machine that runs, and everything that hangs on it. */
export class Machine {
  private constructor(
    private readonly work: string,
    private readonly qemu: ChildProcess,
    private readonly qmp: Qmp,
    private readonly agentPort: number,
    readonly pins: Pins,
  ) {}

  /** Builds what is not built, boots, and resolves once commands can be given. */
  static async boot({ programs = [], disk, onConsole = () => {} }: MachineOptions = {}): Promise<Machine> {
    const { kernel, system } = await boardImage()
    const work = await mkdtemp(join(tmpdir(), 'tunggal-board-'))
    let qemu: ChildProcess | undefined
    try {
      const initrd = await makeInitrd(work, { system, programs })
      const pinsServer = await listenOn(join(work, 'pins'))
      // Whatever ends this process, however, ends the machine.
      const program = [
        '--pdeathsig',
        'KILL',
        'qemu-system-aarch64',
        ...words(work, kernel, initrd),
        ...diskWords(disk),
      ]
      qemu = spawn('setpriv', program, { stdio: ['ignore', 'pipe', 'pipe'] })
      const boot = new Boot(qemu, onConsole)
      const pinsSocket = accepted(pinsServer)
      const qmp = new Qmp(await dialSoon(join(work, 'qmp'), () => boot.isOver))
      await qmp.ask('qmp_capabilities')
      const pins = await Pins.of(await pinsSocket, await chipPath(qmp))
      const agentPort = await forwardedPort(qmp)
      await boot.ready()
      // It is large, and QEMU has read it: a run that is killed leaves little behind.
      await rm(initrd)
      await rm(join(work, 'application.cpio'))
      return new Machine(work, qemu, qmp, agentPort, pins)
    } catch (cause) {
      qemu?.kill('SIGKILL')
      await rm(work, { recursive: true, force: true })
      throw cause
    }
  }

  /** A shell command's input and output. */
  async dial(command: string): Promise<Socket> {
    const socket = connect({ port: this.agentPort, host: '127.0.0.1', allowHalfOpen: true })
    await once(socket, 'connect')
    socket.write(`${command}\n`)
    return socket
  }

  /** Everything that a shell command writes, and how it ends. `onText` hears it as it comes. */
  async run(
    command: string,
    { input, onText = () => {} }: { input?: Uint8Array; onText?: (text: string) => void } = {},
  ): Promise<{ code: number; text: string }> {
    const socket = await this.dial(`( ${command} ) 2>&1; printf '\\nexit %d\\n' $?`)
    socket.end(input ?? new Uint8Array(0))
    let text = ''
    socket.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
      onText(piece)
    })
    await once(socket, 'close')
    const end = /\nexit (\d+)\n$/.exec(text)
    return { code: end === null ? -1 : Number(end[1]), text: text.slice(0, end?.index) }
  }

  /** Pushes the plug of the USB serial port in; what comes out of it is the far end's. Destroyed: pulled. */
  async plugSerial(): Promise<Socket> {
    const socket = connect(join(this.work, 'serial'))
    await once(socket, 'connect')
    return socket
  }

  /** As if its plug was pulled: what it had not yet given to its disk is gone. */
  async kill(): Promise<void> {
    const ended = this.qemu.exitCode === null ? once(this.qemu, 'exit') : Promise.resolve()
    this.qmp.close()
    this.qemu.kill('SIGKILL')
    await ended
    await this.clear()
  }

  async off(): Promise<void> {
    const ended = this.qemu.exitCode === null ? once(this.qemu, 'exit') : Promise.resolve()
    const late = setTimeout(() => this.qemu.kill('SIGKILL'), OFF_MS_MAX)
    await this.qmp.ask('quit').catch(() => {})
    await ended
    clearTimeout(late)
    this.qmp.close()
    await this.clear()
  }

  private async clear(): Promise<void> {
    this.pins.close()
    await rm(this.work, { recursive: true, force: true })
  }
}

function words(work: string, kernel: string, initrd: string): string[] {
  const serial = `socket,id=serial,path=${join(work, 'serial')},server=on,wait=off`
  return [
    ...['-M', 'virt', '-accel', 'tcg', '-cpu', 'cortex-a53', '-smp', '2', '-m', String(MEMORY_MIB)],
    ...['-nodefaults', '-display', 'none', '-serial', 'stdio', '-no-reboot'],
    ...['-qmp', `unix:${join(work, 'qmp')},server=on,wait=off`],
    ...['-qtest', `unix:${join(work, 'pins')}`, '-qtest-log', '/dev/null'],
    ...['-kernel', kernel, '-initrd', initrd, '-append', 'console=ttyAMA0 quiet loglevel=4 panic=-1'],
    ...['-netdev', `user,id=net,hostfwd=tcp:127.0.0.1:0-10.0.2.15:${AGENT_PORT}`],
    ...['-device', 'virtio-net-pci,netdev=net,romfile='],
    ...['-device', 'qemu-xhci', '-chardev', serial, '-device', 'usb-serial,chardev=serial'],
  ]
}

function diskWords(disk: string | undefined): string[] {
  if (disk === undefined) return []
  return ['-drive', `if=none,id=disk,format=raw,file=${disk}`, '-device', 'virtio-blk-pci,drive=disk']
}

/** The console until the machine is ready, or is not going to be. */
class Boot {
  isOver = false
  private text = ''
  private look: () => void = () => {}

  constructor(qemu: ChildProcess, onConsole: (text: string) => void) {
    for (const stream of [qemu.stdout, qemu.stderr])
      stream?.setEncoding('utf8').on('data', (piece: string) => {
        this.text = (this.text + piece).slice(-CONSOLE_CHARACTERS_MAX)
        onConsole(piece)
        this.look()
      })
    const end = () => {
      this.isOver = true
      this.look()
    }
    qemu.once('error', end)
    qemu.once('exit', end)
  }

  ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`${why}; console: ${this.text.slice(-TAIL_CHARACTERS)}`))
      const late = setTimeout(() => fail(`the machine did not start within ${BOOT_MS_MAX} ms`), BOOT_MS_MAX)
      this.look = () => {
        const isReady = this.text.includes(AGENT_READY)
        if (!isReady && !this.isOver) return
        clearTimeout(late)
        if (isReady) resolve()
        else fail('the machine has ended')
      }
      this.look()
    })
  }
}

async function listenOn(path: string): Promise<Server> {
  const server = createServer().listen(path)
  await once(server, 'listening')
  return server
}

async function accepted(server: Server): Promise<Socket> {
  const [socket] = (await once(server, 'connection')) as [Socket]
  server.close()
  return socket
}

async function chipPath(qmp: Qmp): Promise<string> {
  const path = '/machine/unattached'
  const objects = (await qmp.ask('qom-list', { path })) as { name: string; type: string }[]
  const chip = objects.find(({ type }) => type.includes('pl061'))
  if (chip === undefined) throw new Error('this QEMU has no PL061')
  return `${path}/${chip.name}`
}

/** QEMU was let choose a port for the agent. */
async function forwardedPort(qmp: Qmp): Promise<number> {
  const info = String(await qmp.ask('human-monitor-command', { 'command-line': 'info usernet' }))
  const port = /HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s/.exec(info)?.[1]
  if (port === undefined) throw new Error(`no port was forwarded: ${info}`)
  return Number(port)
}
