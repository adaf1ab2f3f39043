/**
 * `npm run -s bench -- NAME [options]`: runs one bench of `scripts/bench`. Results go to stdout (with
 * `--json` one object a line, else a table), progress to stderr.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { exitAfterOutput } from '../src/cli/exit-after-output.ts'

export interface BenchContext {
  /** The folder of image sets. */
  readonly data: string
  readonly sets?: readonly string[]
  readonly out?: string
  readonly plot?: string
  readonly print: (line: Record<string, string | number>) => void
  readonly progress: (text: string) => void
}

/** Name → its module's entry point; loaded when asked for. */
const benches: Record<string, () => Promise<(context: BenchContext) => Promise<void>>> = {
  accuracy: async () => (await import('./bench/accuracy.ts')).accuracy,
  quality: async () => (await import('./bench/quality.ts')).quality,
  captures: async () => (await import('./bench/captures.ts')).captures,
  native: async () => (await import('./bench/native.ts')).native,
  speed: async () => (await import('./bench/speed.ts')).speed,
  prefilter: async () => (await import('./bench/prefilter.ts')).prefilter,
  store: async () => (await import('./bench/store.ts')).store,
  relay: async () => (await import('./bench/relay.ts')).relay,
  ui: async () => (await import('./bench/ui.ts')).ui,
  fleet: async () => (await import('./bench/fleet.ts')).fleet,
}

/** They make what they measure. */
const imageless: readonly string[] = ['store', 'relay', 'ui', 'fleet']

const EXIT = { ok: 0, usage: 64, unavailable: 69 } as const

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      sets: { type: 'string' },
      out: { type: 'string' },
      plot: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const [name] = positionals
  if (name === undefined || !(name in benches) || positionals.length > 1) {
    console.error(`usage: npm run -s bench -- ${Object.keys(benches).join('|')} [--data DIR] [--json]`)
    return EXIT.usage
  }
  const data = values.data ?? process.env.TUNGGAL_DATA ?? join(import.meta.dirname, '../../shared/data')
  if (!imageless.includes(name) && !existsSync(data)) {
    console.error(`${data}: no such folder; name the folder of image sets with --data`)
    return EXIT.unavailable
  }
  const run = await benches[name]()
  await run({
    data,
    sets: values.sets?.split(','),
    out: values.out,
    plot: values.plot,
    print: values.json ? line => console.log(JSON.stringify(line)) : printRow,
    progress: showProgress,
  })
  showProgress('')
  return EXIT.ok
}

/** One line that is written over, on a terminal only: a log wants no thousand lines of progress. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

let columnsShown = ''
function printRow(line: Record<string, string | number>): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  const columns = Object.keys(line)
  const cell = (value: string | number, column: string): string =>
    String(value).padEnd(Math.max(column.length, column === 'set' ? 14 : 7))
  if (columns.join() !== columnsShown) console.log(columns.map(column => cell(column, column)).join('  '))
  columnsShown = columns.join()
  console.log(columns.map(column => cell(line[column], column)).join('  '))
}

await exitAfterOutput(await main())
