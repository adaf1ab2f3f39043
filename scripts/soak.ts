/**
 * `npm run -s soak -- NAME [options]`: runs one soak of `scripts/soak`, what is too long for every run of the tests.
 * Results go to stdout (with `--json` one object a line), progress to stderr; exit code 1 if something did not hold.
 */
import { parseArgs } from 'node:util'
import { exitAfterOutput } from '../src/cli/exit-after-output.ts'

export interface SoakContext {
  /** The same seed tries the same things in the same order. */
  readonly seed: number
  /** How many tries; without it, as many as the soak is named for. */
  readonly count?: number
  /** Names of the parts that are wanted; all of them if left out. */
  readonly sets?: readonly string[]
  /** A revision of this repository, for what is about an older one. */
  readonly from?: string
  readonly print: (line: Record<string, string | number | boolean>) => void
  readonly progress: (text: string) => void
}

/** Resolves to whether everything held. */
export type Soak = (context: SoakContext) => Promise<boolean>

/** Name → its module's entry point; loaded when asked for. */
const soaks: Record<string, () => Promise<Soak>> = {
  images: async () => (await import('./soak/images.ts')).images,
  'raspberry-pi': async () => (await import('./soak/raspberry-pi.ts')).raspberryPi,
  screen: async () => (await import('./soak/screen.ts')).screen,
  firmware: async () => (await import('./soak/firmware.ts')).firmware,
  older: async () => (await import('./soak/older.ts')).older,
  codecs: async () => (await import('./soak/codecs.ts')).codecs,
  'part-parsers': async () => (await import('./soak/part-parsers.ts')).partParsers,
  kill: async () => (await import('./soak/kill.ts')).kill,
  'kill-kiosk': async () => (await import('./soak/kill-kiosk.ts')).killKiosk,
  'month-away': async () => (await import('./soak/month-away.ts')).monthOfSilence,
  'power-cut': async () => (await import('./soak/power-cut.ts')).powerCut,
  'whole-machine': async () => (await import('./soak/whole-machine.ts')).wholeMachine,
  visits: async () => (await import('./soak/visits.ts')).visits,
  simulation: async () => (await import('./soak/simulation.ts')).simulation,
}

const EXIT = { ok: 0, failed: 1, usage: 64 } as const

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string' },
      sets: { type: 'string' },
      from: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const [name] = positionals
  const seed = Number(values.seed)
  const count = values.count === undefined ? undefined : Number(values.count)
  const isNumber = (value: number) => Number.isSafeInteger(value) && value > 0
  if (
    !Object.hasOwn(soaks, name ?? '') ||
    positionals.length > 1 ||
    !isNumber(seed) ||
    !isNumber(count ?? 1)
  ) {
    console.error(
      `usage: npm run -s soak -- ${Object.keys(soaks).join('|')} [--seed N] [--count N] [--sets A,B] [--from REVISION] [--json]`,
    )
    return EXIT.usage
  }
  const run = await soaks[name]()
  const clear = () => process.stderr.isTTY && process.stderr.write('\r\x1b[K')
  const held = await run({
    seed,
    count,
    sets: values.sets?.split(','),
    from: values.from,
    print: line => {
      clear()
      console.log(values.json ? JSON.stringify(line) : textOf(line))
    },
    progress: text => {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
    },
  })
  clear()
  return held ? EXIT.ok : EXIT.failed
}

function textOf(line: Record<string, string | number | boolean>): string {
  return Object.entries(line)
    .map(([name, value]) => `${name} ${value}`)
    .join('  ')
}

await exitAfterOutput(await main())
