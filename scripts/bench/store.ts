import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'tsup'
import { v7 } from 'uuid'
import { parseNik } from '../../src/record/nik.ts'
import type { Enrolment } from '../../src/store/ports.ts'
import { openRawLevel } from '../../test/store/raw-level.ts'
import type { BenchContext } from '../bench.ts'
import { asUnit } from './as-unit.ts'
import { openBenchStore } from './bench-store.ts'
import { measureIdle } from './idle.ts'

const BODY_BYTES = 11_000
const GROUPS = [1, 10, 50]
const ROUNDS = 25
const APPENDS_A_ROUND = 100
const BACKLOG = 20_000

/**
 * How dear it is to keep a submission that is sealed already: the whole of `enrol` (record, index, audit
 * entry, body, and the mark's own sync) against raw synced LevelDB batches of the same bodies in groups of
 * the same size, side by side on the same disk. Then a long queue: reopening with its audit, and memory. Then a
 * kiosk that idles.
 */
export async function store({ print, progress }: BenchContext): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tunggal-bench-'))
  try {
    await measureAppend(folder, print, progress)
    await measureBacklog(folder, print, progress)
    await measureIdle(join(folder, 'kiosk'), print, progress)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function measureAppend(
  folder: string,
  print: BenchContext['print'],
  progress: BenchContext['progress'],
): Promise<void> {
  const raw = await openRawLevel(join(folder, 'raw'))
  const kiosk = await openBenchStore(join(folder, 'append'))
  for (const group of GROUPS) {
    const rounds: { store: number; raw: number }[] = []
    for (let round = 0; round < ROUNDS; round++) {
      progress(`groups of ${group}: round ${round + 1} of ${ROUNDS}`)
      const bodies = Array.from({ length: APPENDS_A_ROUND }, newBody)
      const puts = inGroups(
        bodies.map(body => [v7(), body] as const),
        group,
      )
      const enrolments = inGroups(bodies.map(enrolmentOf), group)
      const rawMs = await elapsedMs(async () => {
        for (const some of puts) await raw.putAll(some)
      })
      const storeMs = await elapsedMs(async () => {
        for (const some of enrolments) await Promise.all(some.map(enrolment => kiosk.enrol(enrolment)))
      })
      rounds.push({ store: storeMs, raw: rawMs })
    }
    print({
      bench: 'append',
      group,
      bodyBytes: BODY_BYTES,
      appendsPerSecond: Math.round((1000 * APPENDS_A_ROUND) / median(rounds.map(({ store }) => store))),
      rawPerSecond: Math.round((1000 * APPENDS_A_ROUND) / median(rounds.map(({ raw }) => raw))),
      ratio: Number(median(rounds.map(({ store, raw }) => raw / store)).toFixed(3)),
    })
  }
  await raw.close()
  await kiosk.close()
}

async function measureBacklog(
  folder: string,
  print: BenchContext['print'],
  progress: BenchContext['progress'],
): Promise<void> {
  const path = join(folder, 'backlog')
  const filling = await openBenchStore(path)
  for (let made = 0; made < BACKLOG; made += 100) {
    progress(`${made} of ${BACKLOG} waiting`)
    await Promise.all(Array.from({ length: 100 }, () => filling.enrol(enrolmentOf(newBody()))))
  }
  await filling.close()
  // The first opening moves the log into a table; what is measured is the next, as after any start.
  await (await openBenchStore(path)).close()
  progress('reopening')
  const program = join(folder, 'bundle')
  await build({
    entry: { child: join(import.meta.dirname, 'backlog-child.ts') },
    outDir: program,
    format: 'esm',
    target: 'node20',
    outExtension: () => ({ js: '.mjs' }),
    config: false,
    silent: true,
  })
  await symlink(join(import.meta.dirname, '../../node_modules'), join(program, 'node_modules'))
  const words = [...asUnit.words, join(program, 'child.mjs'), path]
  const { stdout } = await promisify(execFile)(process.execPath, words, { env: asUnit.env })
  print({ bench: 'backlog', ...JSON.parse(stdout) })
}

function newBody(): Uint8Array {
  return Buffer.from(randomBytes((BODY_BYTES * 3) / 4).toString('base64url'))
}

let people = 0

function enrolmentOf(body: Uint8Array): Enrolment {
  const sha256 = createHash('sha256').update(body).digest('hex')
  return {
    id: v7(),
    nik: parseNik(`327312${String(++people).padStart(10, '0')}`),
    capturedAt: '2026-01-01T00:00:00.000Z',
    fingers: [],
    fingersForced: 0,
    seal: async () => ({ body, sha256 }),
  }
}

function inGroups<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}

async function elapsedMs(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now()
  await work()
  return performance.now() - startMs
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}
