/**
 * Tunggal in one terminal: an MQTT 5 broker, the reference ABIS, a simulated kiosk and its page; with
 * `--once`, one citizen from finger to print-ready record. Everything is the real thing but the parts
 * of the kiosk, which are simulated.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { shippedBoard } from '../hal/board/shipped-boards.ts'
import type { PrintedReceipt } from '../hal/sim/receipt-printer.ts'
import { systemClock } from '../src/base/clock.ts'
import { openAbis } from '../src/cli/abis/open-abis.ts'
import { errorLine } from '../src/cli/error-line.ts'
import { exitAfterOutput } from '../src/cli/exit-after-output.ts'
import { EXIT, type ExitCode, exitCodeOf } from '../src/cli/exit-code.ts'
import { readFingerImages } from '../src/cli/kiosk/finger-images.ts'
import { exitCodeOfStatus, followRecord, type StatusLine, statusText } from '../src/cli/kiosk/follow.ts'
import { enrolAndFollow } from '../src/cli/kiosk/image-enrolment.ts'
import { stderrLog } from '../src/cli/kiosk/kiosk-options.ts'
import { badOption } from '../src/cli/options.ts'
import { openConfigFolder } from '../src/config/folder.ts'
import { enrolUnattended } from '../src/enrolment/unattended.ts'
import { keysFolder } from '../src/keys/layout.ts'
import { initDemoKeys } from '../src/keys/make-keys.ts'
import { type Kiosk, openKiosk } from '../src/kiosk.ts'
import { parseNik } from '../src/record/nik.ts'
import { type Settings, settingsSchema } from '../src/settings/settings.ts'
import { citizenOfNik, someNik } from './demo-citizen.ts'
import { startEmbeddedBroker } from './embedded-broker.ts'

const HELP = `scripts/demo [--once] [options]

Starts an MQTT broker, the reference ABIS, a simulated kiosk and its page on http://127.0.0.1:8080.

  --once         enrol one synthetic citizen without a browser, print each status and the receipt;
                 exit 0 once the record is print-ready, 1 where the centre decides otherwise
  --images DIR   with --once: real fingerprint images, in name order, one a finger (1 to 10)
  --nik N        with --once: the citizen's 16 digits; by default some that look right
  --data DIR     state folder, kept between runs; by default a fresh temporary one
  --json         one JSON object a line: {"id","status","at",…}
  --port N       of the page (8080)
`

/** Longest wait for a verdict with --once. */
const VERDICT_WAIT_MS = 60_000

interface Options {
  readonly once: boolean
  readonly images?: string
  readonly nik: string
  readonly data: string
  readonly json: boolean
  readonly port: number
}

async function readOptions(): Promise<Options | 'help'> {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean', default: false },
      images: { type: 'string' },
      nik: { type: 'string' },
      data: { type: 'string' },
      json: { type: 'boolean', default: false },
      port: { type: 'string', default: '8080' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  if (!values.once && (values.images ?? values.nik) !== undefined)
    throw badOption('--images and --nik belong to --once')
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw badOption('--port must be 0 to 65535')
  const data = values.data ?? (await mkdtemp(join(tmpdir(), 'tunggal-demo-')))
  const { once, images, json } = values
  return { once, images, nik: parseNik(values.nik ?? someNik()), data: resolve(data), json, port }
}

/** Receipts on the simulated printer: kept as text and picture, the last one remembered. */
class Receipts {
  last: { text: string; picture: string } | undefined
  /** Called with the path of each new picture. */
  onReceipt: (picture: string) => void = () => {}
  private count = 0
  private writing: Promise<unknown> = Promise.resolve()

  constructor(private readonly folder: string) {}

  readonly take = ({ text, png }: PrintedReceipt): void => {
    const name = join(this.folder, `receipt-${Date.now()}-${++this.count}`)
    this.last = { text, picture: `${name}.png` }
    this.onReceipt(`${name}.png`)
    this.writing = mkdir(this.folder, { recursive: true }).then(() =>
      Promise.all([writeFile(`${name}.txt`, text), writeFile(`${name}.png`, png)]),
    )
  }

  async written(): Promise<void> {
    await this.writing
  }
}

async function demo(options: Options, signal: AbortSignal): Promise<ExitCode> {
  const { data } = options
  const clock = systemClock
  await mkdir(data, { recursive: true })
  if (!existsSync(keysFolder(data))) await initDemoKeys(data, { clock })
  const embedded = await startEmbeddedBroker()
  const base = settingsSchema.parse({
    broker: { url: embedded.url, backoffMsMin: 100, backoffMsMax: 1_000 },
    relay: { probeIntervalMs: 1_000 },
  })
  const log = stderrLog({ quiet: true })
  const abis = await openAbis({ data, url: embedded.url, clock, log })
  const receipts = new Receipts(join(data, 'receipts'))
  const kept = await openConfigFolder(data, { log, at: new Date(clock.nowMs()).toISOString() })
  const live = async (settings: Settings): Promise<ExitCode | 'restart'> => {
    const kiosk = await openKiosk({
      data,
      settings,
      configurations: { kept, base },
      clock,
      log,
      board: shippedBoard('simulated'),
      simulation: {
        citizen: citizenOfNik(options.nik),
        onReceipt: receipts.take,
        // Nobody watches a visit of `--once`.
        ...(options.once && { placingMs: 0, lineMs: 0 }),
      },
      ownEngineThread: !options.once,
    })
    try {
      const stage = { options, settings, kiosk, receipts, signal }
      if (options.once) return await once(stage)
      const { serveDemo } = await import('./demo-page.ts')
      const until = AbortSignal.any([signal, kiosk.mustRestart])
      const end = await serveDemo({ ...stage, signal: until, port: options.port, brokerUrl: embedded.url })
      return kiosk.mustRestart.aborted && !signal.aborted ? 'restart' : end
    } finally {
      await kiosk.close()
    }
  }
  try {
    return await kept.live({ base, clock, live, why: errorLine })
  } finally {
    await abis.close()
    await embedded.stop()
    await receipts.written()
  }
}

export interface Stage {
  readonly options: Pick<Options, 'json' | 'data'>
  readonly settings: Settings
  readonly kiosk: Kiosk
  readonly receipts: Receipts
  readonly signal: AbortSignal
}

async function once({
  options,
  settings,
  kiosk,
  receipts,
  signal,
}: Stage & { options: Options }): Promise<ExitCode> {
  const print = (line: StatusLine) =>
    process.stdout.write(`${options.json ? JSON.stringify(line) : statusText(line)}\n`)
  const code = await enrolOnce()
  await receipts.written()
  const { last } = receipts
  // With --json standard output is for status lines alone.
  const paper = options.json ? process.stderr : process.stdout
  if (last !== undefined) paper.write(`\n${last.text}\nReceipt as a picture: ${last.picture}\n`)
  paper.write(`State: ${options.data} (--data ${options.data} goes on from here)\n`)
  return code

  async function enrolOnce(): Promise<ExitCode> {
    const { nik, images } = options
    if (images !== undefined) {
      const frames = await readFingerImages(images, settings.capture.plan)
      return enrolAndFollow(kiosk, { nik, frames, waitMs: VERDICT_WAIT_MS, signal, print })
    }
    if (kiosk.visit === undefined) return EXIT.ourFault
    const { recordId } = await enrolUnattended(kiosk.visit, { nik, signal })
    const waiting = AbortSignal.any([signal, AbortSignal.timeout(VERDICT_WAIT_MS)])
    return exitCodeOfStatus(await followRecord(kiosk.store, recordId, { print, signal: waiting }))
  }
}

function stopSignal(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort())
  return controller.signal
}

async function main(): Promise<ExitCode> {
  try {
    const options = await readOptions().catch(error => {
      throw error instanceof TypeError ? badOption(error.message) : error
    })
    if (options !== 'help') return await demo(options, stopSignal())
    process.stdout.write(HELP)
    return EXIT.ok
  } catch (error) {
    process.stderr.write(`scripts/demo: ${errorLine(error)}\n`)
    return exitCodeOf(error)
  }
}

await exitAfterOutput(await main())
