import { strict as assert } from 'node:assert'
import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { partitionOf } from '../../firmware/image/partition.ts'
import { run } from '../../firmware/image/run.ts'
import { variants } from '../../firmware/image/variants.ts'
import { writeCitizen } from '../../test/support/finger-images.ts'
import { BootedImage, type BootOptions } from './booted-image.ts'

const TUNGGAL = 'runuser -u tunggal -- node /opt/tunggal/dist/tunggal.js'
const WHERE = '--data /data/tunggal --config /data/site/settings.json'
const READY_MS = 400_000
const COMMAND_MS = 240_000
const SAYS_MS = 60_000
const LOOK_BYTES = 16 << 20
const LOOK_EVERY_MS = 1_000

/** A kiosk's card in an emulated board: what people and tests do with it from outside. */
export class ImagedKiosk {
  private image: BootedImage | undefined

  constructor(
    private readonly disk: string,
    /** Where fingers of citizens are made. */
    private readonly work: string,
    private readonly options: BootOptions = {},
  ) {}

  /** Plugs it in; resolves once a shell answers. */
  async plugIn(options: BootOptions = {}): Promise<BootedImage> {
    this.image = await BootedImage.boot(this.disk, { ...this.options, ...options })
    return this.image
  }

  get running(): BootedImage {
    assert(this.image !== undefined, 'it is plugged in')
    return this.image
  }

  async pull(): Promise<void> {
    await this.image?.pull()
    this.image = undefined
  }

  /** Resolves once the runtime says that it is well. */
  async untilReady(): Promise<void> {
    const wait = `timeout ${READY_MS / 1000} sh -c "until systemctl is-active tunggal; do sleep 1; done"`
    await this.running.must(wait, READY_MS + 10_000)
  }

  /** Seconds from the kernel's start until the kiosk was ready. */
  async readyS(): Promise<number> {
    const text = await this.running.must('systemctl show -P ActiveEnterTimestampMonotonic tunggal')
    return Math.round(Number(text) / 1e6)
  }

  /** What a command of ours writes, as the runtime's user. */
  tunggal(words: string): Promise<string> {
    return this.running.must(`${TUNGGAL} ${words} ${WHERE}`, COMMAND_MS)
  }

  /** A citizen gives `fingers` fingers; resolves to what is said of the record, once it is decided or time is over. */
  async enrol(nik: string, seed: number, fingers: number): Promise<string> {
    const folder = await writeCitizen(join(this.work, `citizen-${seed}`), seed, 0, fingers)
    await this.running.must('rm -rf /tmp/f && mkdir -p /tmp/f && chmod 755 /tmp/f')
    for (let i = 1; i <= fingers; i++) {
      const name = `${String(i).padStart(2, '0')}.png`
      const text = (await readFile(join(folder, name))).toString('base64')
      await this.running.must(`echo ${text} | base64 -d >/tmp/f/${name}`)
    }
    return this.tunggal(`enrol --images /tmp/f --nik ${nik} --wait 120`)
  }

  /** Records by id, and where each stands. */
  async records(): Promise<ReadonlyMap<string, string>> {
    const lines = (await this.tunggal('record list --json')).match(/^\{.*\}$/gm) ?? []
    const records = lines.map(line => JSON.parse(line) as { id: string; status: string })
    return new Map(records.map(({ id, status }) => [id, status]))
  }

  async version(): Promise<string> {
    return (await this.running.must('cat /etc/tunggal/version')).trim()
  }

  /** Whether a shell command ends well; false also where nobody answers, as while it restarts. */
  async says(command: string): Promise<boolean> {
    return (await this.running.run(command, SAYS_MS)).code === 0
  }

  /** Whether U-Boot, the kernel or systemd have written that since it was plugged in. */
  hasWritten(pattern: RegExp): boolean {
    return pattern.test(this.running.console)
  }

  /** Zeros in the middle of the slots' variables; while nothing runs. */
  async spoilVariables(): Promise<void> {
    const { file } = variants.virt.slotVariables
    const { startBytes } = await partitionOf(this.disk, 'boot')
    const at = `${this.disk}@@${startBytes}`
    const local = join(this.work, file)
    await run('mcopy', ['-n', '-o', '-i', at, `::${file}`, local])
    const bytes = await readFile(local)
    bytes.fill(0, 5, 60)
    await writeFile(local, bytes)
    await run('mcopy', ['-o', '-i', at, local, `::${file}`])
  }

  /**
   * Services read no faster from the card than that (systemd.resource-control(5)); undefined: as fast as they can. Written into
   * the first slot, while nothing runs.
   */
  async limitReads(
    limits: { readonly bytesPerS: number; readonly requestsPerS: number } | undefined,
  ): Promise<void> {
    const { startBytes } = await partitionOf(this.disk, 'rootA')
    const folder = '/etc/systemd/system/system.slice.d'
    const words = [`rm ${folder}/card.conf`, `rmdir ${folder}`]
    if (limits !== undefined) {
      const local = join(this.work, 'card.conf')
      const { bytesPerS, requestsPerS } = limits
      const lines = [`IOReadBandwidthMax=/dev/vda ${bytesPerS}`, `IOReadIOPSMax=/dev/vda ${requestsPerS}`]
      await writeFile(local, ['[Slice]', ...lines, ''].join('\n'))
      words.splice(0, 2, `mkdir ${folder}`, `write ${local} ${folder}/card.conf`)
    }
    await run('debugfs', ['-w', '-f', '-', `${this.disk}?offset=${startBytes}`], {
      input: `${words.join('\n')}\n`,
    })
  }

  /** Resolves once the second slot, which was empty, is being filled: a quarter of it has been reached. */
  async untilFilling(timeoutMs: number): Promise<void> {
    const { startBytes, sizeBytes } = await partitionOf(this.disk, 'rootB')
    const endMs = performance.now() + timeoutMs
    while (!(await this.hasBytes(startBytes + sizeBytes / 4))) {
      if (performance.now() > endMs) throw new Error(`no slot was filled within ${timeoutMs} ms`)
      await setTimeout(LOOK_EVERY_MS)
    }
  }

  private async hasBytes(at: number): Promise<boolean> {
    const card = await open(this.disk, 'r')
    try {
      const { buffer } = await card.read(Buffer.alloc(LOOK_BYTES), 0, LOOK_BYTES, at)
      return buffer.some(byte => byte !== 0)
    } finally {
      await card.close()
    }
  }
}
