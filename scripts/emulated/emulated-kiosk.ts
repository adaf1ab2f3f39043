import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EscPosSimulator } from '../../hal/sim/escpos-printer.ts'
import type { PrintedReceipt } from '../../hal/sim/receipt-printer.ts'
import { socketEnd } from '../../hal/sim/socket-end.ts'
import { ZfmModule } from '../../hal/sim/zfm-module.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { type OpenAbis, openAbis } from '../../src/cli/abis/open-abis.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { type EmbeddedBroker, startEmbeddedBroker } from '../embedded-broker.ts'
import { HOST_ADDRESS } from './agent-words.ts'
import { Cord } from './cord.ts'
import { KioskPage } from './kiosk-page.ts'
import { LINE } from './lines-of-board.ts'
import type { Machine } from './machine.ts'

const LOG_CHARACTERS_MAX = 1 << 20
const WROTE_MS_MAX = 120_000
const PRINTER_END = 'exec node guest/printer-end.js'

export interface EmulatedKioskOptions {
  /** Settings of the kiosk, beside its broker. */
  readonly settings?: Readonly<Record<string, unknown>>
  readonly onReceipt?: (receipt: PrintedReceipt) => void
  /** Hears what the kiosk writes: statuses, and its log. */
  readonly onText?: (text: string) => void
}

/**
 * The real runtime inside the machine, on the real drivers; around it, on this machine, what it is connected to: a
 * module on the cord of its serial port, a printer behind its USB, a broker, and the reference ABIS.
 */
export class EmulatedKiosk {
  readonly page: KioskPage
  readonly module: ZfmModule
  /** Everything the kiosk has written so far. */
  text = ''
  private stopped: Promise<unknown> = Promise.resolve()
  private readonly looking = new Set<() => void>()

  private constructor(
    readonly machine: Machine,
    readonly cord: Cord,
    readonly printer: EscPosSimulator,
    /** What fell out of the printer, oldest first. */
    readonly receipts: readonly PrintedReceipt[],
    private readonly data: string,
    private readonly broker: EmbeddedBroker,
    private readonly abis: OpenAbis,
  ) {
    this.page = new KioskPage(machine)
    this.module = new ZfmModule({ line: cord, clock: systemClock, model: 'zfm-20' })
  }

  /** Resolves once the kiosk says that it runs. */
  static async start(machine: Machine, options: EmulatedKioskOptions = {}): Promise<EmulatedKiosk> {
    const data = await mkdtemp(join(tmpdir(), 'tunggal-centre-'))
    await initDemoKeys(data, { clock: systemClock })
    const broker = await startEmbeddedBroker()
    const abis = await openAbis({ data, url: broker.url, clock: systemClock, log: silentLog })
    const cord = new Cord(machine)
    const receipts: PrintedReceipt[] = []
    const printer = new EscPosSimulator({
      line: socketEnd(await machine.dial(PRINTER_END)),
      clock: systemClock,
      onReceipt(receipt) {
        receipts.push(receipt)
        options.onReceipt?.(receipt)
      },
    })
    const kiosk = new EmulatedKiosk(machine, cord, printer, receipts, data, broker, abis)
    await machine.pins.set(LINE.wake, 1)
    await cord.plug()
    const parts = await machine.dial('exec node guest/i2c-parts.js')
    await once(parts, 'data')
    await kiosk.run(options)
    return kiosk
  }

  /** Resolves once what the kiosk has written, or writes, matches. */
  wrote(pattern: RegExp, timeoutMs = WROTE_MS_MAX): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.looking.delete(look)
        reject(new Error(`the kiosk did not write ${pattern}: ${this.text.slice(-1000)}`))
      }, timeoutMs)
      const look = () => {
        if (!pattern.test(this.text)) return
        clearTimeout(late)
        this.looking.delete(look)
        resolve()
      }
      this.looking.add(look)
      look()
    })
  }

  /** The kiosk stops, and what is around it; the machine stays on. */
  async stop(): Promise<void> {
    await this.machine.run('kill $(cat /run/kiosk.pid)')
    await this.stopped
    this.cord.pull()
    await this.abis.close()
    await this.broker.stop()
    await rm(this.data, { recursive: true, force: true })
  }

  private async run({ settings = {}, onText = () => {} }: EmulatedKioskOptions): Promise<void> {
    const { machine, broker, data } = this
    await this.copyKeys(data)
    const config = {
      broker: { url: `mqtt://${HOST_ADDRESS}:${broker.port}`, backoffMsMin: 100, backoffMsMax: 1000 },
      relay: { probeIntervalMs: 1000 },
      ...settings,
    }
    const input = Buffer.from(JSON.stringify(config))
    await machine.run('cat >/data/settings.json', { input })
    const command = 'node dist/tunggal.js run --data /data --board emulated --config /data/settings.json'
    const ended = machine.run(`${command} & echo $! >/run/kiosk.pid; wait $!`, {
      onText: piece => {
        this.text = (this.text + piece).slice(-LOG_CHARACTERS_MAX)
        onText(piece)
        for (const look of this.looking) look()
      },
    })
    this.stopped = ended
    const failed = ended.then(({ text }) => {
      throw new Error(`the kiosk has stopped: ${text.slice(-1000)}`)
    })
    failed.catch(() => {})
    await Promise.race([this.wrote(/ runs on http/), failed])
  }

  private async copyKeys(data: string): Promise<void> {
    const socket = await this.machine.dial('mkdir -p /data && tar -x -C /data')
    spawn('tar', ['-c', '-C', data, 'keys/kiosk'], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout.pipe(
      socket,
    )
    await once(socket.resume(), 'close')
  }
}
