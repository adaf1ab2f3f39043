/**
 * A rehearsal of a bad day: a configuration that cuts kiosks off from their broker is pushed to a fleet, a few kiosks
 * first. Broker, keys, access list, seals, the kiosks' configuration code and operations' command are the real ones.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../src/base/clock.ts'
import type { Log } from '../src/base/log.ts'
import type { Context, Line } from '../src/cli/command.ts'
import { newContext } from '../src/cli/context.ts'
import { errorLine } from '../src/cli/error-line.ts'
import { exitAfterOutput } from '../src/cli/exit-after-output.ts'
import { EXIT, type ExitCode, exitCodeOf } from '../src/cli/exit-code.ts'
import { fleetConfigPush } from '../src/cli/fleet/config-push.ts'
import { withFleet } from '../src/cli/fleet/open-fleet.ts'
import { badOption } from '../src/cli/options.ts'
import type { SeenKiosk } from '../src/fleet/seen-kiosk.ts'
import { openKioskKeys } from '../src/keys/file-key-store.ts'
import { initDemoKeys, issueKiosk } from '../src/keys/make-keys.ts'
import { type Settings, settingsSchema } from '../src/settings/settings.ts'
import { startMosquitto } from '../test/support/mosquitto.ts'
import { LightKiosk } from './fleet/light-kiosk.ts'

const HELP = `scripts/rehearse-rollout [options]

Starts a real Mosquitto and simulated kiosks, pushes them a good configuration and then a poisonous one, each to a
few kiosks first, and says what came of it. Exit 0 if the poison stopped there and did no lasting harm, else 1.

  --kiosks N     how many (200)
  --canary N     percentage of them that gets a configuration first (5)
  --json         one JSON object a line
`
const GROUP = 'rehearsal'
const PROBATION = { goodMs: 5_000, limitMs: 20_000 }

interface Rehearsal {
  readonly kiosks: number
  readonly canary: number
  readonly json: boolean
}

function readOptions(): Rehearsal | 'help' {
  const { values } = parseArgs({
    options: {
      kiosks: { type: 'string', default: '200' },
      canary: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  const [kiosks, canary] = [Number(values.kiosks), Number(values.canary)]
  if (!Number.isInteger(kiosks) || kiosks < 2 || kiosks > 1_000) throw badOption('--kiosks must be 2 to 1000')
  if (!Number.isInteger(canary) || canary < 1 || canary > 99) throw badOption('--canary must be 1 to 99')
  return { kiosks, canary, json: values.json }
}

/** Versions that kiosks accepted, by kiosk: their own word, whatever they report. */
class Accepted {
  private readonly versions = new Map<string, number[]>()

  logOf(kiosk: string): Log {
    const note = (event: string, fields?: Record<string, unknown>) => {
      if (event !== 'config-accepted') return
      this.versions.set(kiosk, [...(this.versions.get(kiosk) ?? []), Number(fields?.version)])
    }
    return { info: note, warn: note, error: note }
  }

  of(version: number): string[] {
    return [...this.versions].filter(([, versions]) => versions.includes(version)).map(([kiosk]) => kiosk)
  }
}

/** An address that takes connections and is no broker; it counts them. */
async function startNoBroker(): Promise<{ url: string; connections(): number; stop(): Promise<void> }> {
  let connections = 0
  const server = createServer(socket => {
    connections++
    socket.on('error', () => {})
    socket.destroy()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `mqtts://127.0.0.1:${port}`,
    connections: () => connections,
    stop: () => new Promise(resolve => server.close(() => resolve())),
  }
}

async function rehearse(options: Rehearsal, signal: AbortSignal): Promise<ExitCode> {
  const folder = await mkdtemp(join(tmpdir(), 'tunggal-rehearsal-'))
  const closers: (() => unknown)[] = [() => rm(folder, { recursive: true })]
  const context = newContext(
    { out: process.stdout, err: process.stderr },
    { title: '', json: options.json, signal },
  )
  const say = (line: Line, text: string) => context.print(line, text)
  try {
    const startedMs = systemClock.monotonicMs()
    const names = Array.from({ length: options.kiosks }, (_, n) => `kiosk-${String(n + 1).padStart(4, '0')}`)
    context.progress(`Making keys for ${names.length} kiosks …`)
    const keys = await makeKeys(folder, names)
    const mosquitto = await startMosquitto(
      { teardown: closer => void closers.push(closer) },
      join(keys, 'broker'),
    )
    const url = `mqtts://127.0.0.1:${mosquitto.port}`
    const fleet = { data: folder, broker: url }

    context.progress('Starting kiosks …')
    const accepted = new Accepted()
    for (const name of names) {
      const kiosk = await startKiosk(folder, { name, url, log: accepted.logOf(name) })
      closers.push(() => kiosk.stop())
    }
    await allReport(names, fleet, signal)
    say({ step: 'started', kiosks: names.length }, `${names.length} kiosks are connected and have reported.`)

    const push = async (name: string, settings: object) => {
      const file = join(folder, `${name}.json`)
      await writeFile(file, JSON.stringify(settings))
      const words = fleetConfigPush.options.parse({
        ...fleet,
        to: [GROUP],
        canary: `${options.canary}%`,
        wait: '120',
      })
      say({ step: name }, `\nPushing a ${name} configuration: ${JSON.stringify(settings)}`)
      return await fleetConfigPush.run({ ...context, print: quietly(context) }, words, [file])
    }
    const goodCode = await push('good', { capture: { attemptsMax: 2 } })
    const nobody = await startNoBroker()
    closers.push(() => nobody.stop())
    const poisonCode = await push('poisonous', { broker: { url: nobody.url } })

    const seen = await withFleet(context, fleet, async ({ view }) => [...view.kiosks.values()])
    const found = judge(seen, { names, accepted, goodCode, poisonCode, canary: options.canary })
    const seconds = Math.round((systemClock.monotonicMs() - startedMs) / 1000)
    say(
      {
        step: 'result',
        ...found.counts,
        connectionsToNowhere: nobody.connections(),
        seconds,
        ok: found.wrong.length === 0,
      },
      `\n${Object.entries(found.counts)
        .map(([what, count]) => `${String(count).padStart(5)}  ${words[what]}`)
        .join('\n')}\n${seconds} seconds.`,
    )
    for (const wrong of found.wrong) say({ step: 'wrong', wrong }, `WRONG: ${wrong}`)
    return found.wrong.length === 0 ? EXIT.ok : EXIT.no
  } finally {
    context.progress('Stopping …')
    // Side by side: every kiosk says goodbye to the broker.
    const [tidy, broker, ...rest] = closers
    await Promise.all(rest.map(closer => closer()))
    await broker?.()
    await tidy()
  }
}

async function makeKeys(folder: string, names: readonly string[]): Promise<string> {
  await initDemoKeys(folder, { clock: systemClock })
  const keys = join(folder, 'keys')
  for (const name of names)
    await issueKiosk(join(keys, 'kiosk-ca'), { name, out: join(keys, name), clock: systemClock })
  return keys
}

async function startKiosk(
  folder: string,
  { name, url, log }: { readonly name: string; readonly url: string; readonly log: Log },
): Promise<LightKiosk> {
  const data = join(folder, 'kiosks', name)
  await mkdir(data, { recursive: true })
  const keys = await openKioskKeys(join(folder, 'keys', name))
  return LightKiosk.start({ keys, data, base: ownFile(name, url), clock: systemClock, log })
}

const words: Readonly<Record<string, string>> = {
  kept: 'kiosks kept the good configuration',
  tried: 'kiosks tried the poisonous one',
  rolledBack: 'of them went back by themselves and said why',
  neverSaw: 'kiosks never saw it',
  online: 'kiosks are online, and run the good one',
}

interface Facts {
  readonly names: readonly string[]
  readonly accepted: Accepted
  readonly goodCode: ExitCode
  readonly poisonCode: ExitCode
  readonly canary: number
}

function judge(
  seen: readonly SeenKiosk[],
  facts: Facts,
): { counts: Record<string, number>; wrong: string[] } {
  const { names, accepted, goodCode, poisonCode, canary } = facts
  const canaries = Math.ceil((names.length * canary) / 100)
  const tried = accepted.of(2)
  const count = (fits: (kiosk: SeenKiosk) => boolean) => seen.filter(fits).length
  const counts = {
    kept: accepted.of(1).length,
    tried: tried.length,
    rolledBack: count(
      ({ kiosk, reported }) =>
        tried.includes(kiosk) &&
        reported?.version === 2 &&
        reported.state === 'rolled-back' &&
        reported.errors[0]?.code === 'config/cut-off',
    ),
    neverSaw: count(({ kiosk, desired }) => !tried.includes(kiosk) && desired?.version === 1),
    online: count(
      ({ state, reported }) => state?.state === 'online' && reported?.running === 1 && reported.confirmed,
    ),
  }
  const expected = {
    kept: names.length,
    tried: canaries,
    rolledBack: canaries,
    neverSaw: names.length - canaries,
    online: names.length,
  }
  const wrong = Object.entries(expected)
    .filter(([what, number]) => counts[what as keyof typeof counts] !== number)
    .map(([what, number]) => `${counts[what as keyof typeof counts]} ${words[what]}, not ${number}`)
  if (goodCode !== EXIT.ok) wrong.push(`the good push ended with exit code ${goodCode}, not 0`)
  if (poisonCode !== EXIT.no) wrong.push(`the poisonous push ended with exit code ${poisonCode}, not 1`)
  return { counts, wrong }
}

/** Of hundreds of kiosks only those are printed that did not keep what they got. */
function quietly({ print }: Context): Context['print'] {
  return (line: Line | string, text?: string) => {
    if (typeof line === 'string') print(line)
    else if (line.outcome !== 'kept') print(line, text)
  }
}

function ownFile(id: string, url: string): Settings {
  return settingsSchema.parse({
    kiosk: { id, groups: [GROUP] },
    broker: { url, backoffMsMin: 500, backoffMsMax: 4_000 },
    probation: PROBATION,
  })
}

async function allReport(
  names: readonly string[],
  fleet: { data: string; broker: string },
  signal: AbortSignal,
): Promise<void> {
  await withFleet({ signal, progress: () => {} }, fleet, async ({ view }) => {
    const silent = () => names.filter(name => view.kiosks.get(name)?.reported === undefined)
    const endMs = systemClock.monotonicMs() + 60_000
    while (silent().length > 0) {
      if (systemClock.monotonicMs() > endMs) throw new Error(`${silent().length} kiosks do not report`)
      await systemClock.sleep(200, signal)
    }
  })
}

async function main(): Promise<ExitCode> {
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort())
  try {
    const options = readOptions()
    if (options !== 'help') return await rehearse(options, stopping.signal)
    process.stdout.write(HELP)
    return EXIT.ok
  } catch (error) {
    process.stderr.write(`scripts/rehearse-rollout: ${errorLine(error)}\n`)
    return error instanceof TypeError ? EXIT.usage : exitCodeOf(error)
  }
}

await exitAfterOutput(await main())
