/**
 * A million damaged records and images: every one is read or refused with its code, none takes a second, and
 * memory stays under a limit. What is read goes on into extraction and comparison now and then, which must
 * cope with whatever a decoder lets through.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { KioskError } from '../../src/base/errors.ts'
import { compare } from '../../src/finger/compare/compare.ts'
import { decodeImage } from '../../src/finger/image/decode.ts'
import { decodeFir } from '../../src/finger/image/decode-fir.ts'
import type { Frame } from '../../src/finger/image/frame.ts'
import { Random } from '../../src/finger/synthetic/random.ts'
import { packTemplate, unpackTemplate } from '../../src/finger/template/at-rest.ts'
import { extract } from '../../src/finger/template/extract.ts'
import { readInterchange } from '../../src/finger/template/interchange.ts'
import type { Template } from '../../src/finger/template/template.ts'
import type { SoakContext } from '../soak.ts'
import { damage } from './damage.ts'
import { type Kind, seedFiles } from './seed-files.ts'

const COUNT = 1_000_000
const SLOWEST_MS = 1000
const MEMORY_MIB_MAX = 1024
/** Every so many that are read go on into the engine. */
const ENGINE_EVERY = { template: 20, image: 200 } as const

interface Tally {
  count: number
  read: number
  refused: number
  slowestMs: number
}

export async function codecs({ seed, count = COUNT, print, progress }: SoakContext): Promise<boolean> {
  const random = new Random(seed, 0x50a4)
  const files = await seedFiles()
  // Cheap kinds more often: a minutiae record takes microseconds, JPEG 2000 milliseconds.
  const draw = files.flatMap((file, index) => Array<number>(file.share).fill(index))
  const probe = unpackTemplate(files[0].bytes)
  const tallies = new Map<Kind, Tally>()
  let memoryMiB = 0
  let failures = 0
  for (let i = 0; i < count; i++) {
    const file = files[draw[random.below(draw.length)]]
    const other = files[random.below(files.length)]
    const bytes = damage(file.bytes, other.bytes, file.kind, random)
    const tally = tallies.get(file.kind) ?? { count: 0, read: 0, refused: 0, slowestMs: 0 }
    tallies.set(file.kind, tally)
    tally.count++
    const failure = await tryOne(file.kind, bytes, tally, probe)
    if (failure !== undefined) {
      failures++
      const saved = join(mkdtempSync(join(tmpdir(), 'tunggal-soak-')), 'input')
      writeFileSync(saved, bytes)
      print({ failure, kind: file.kind, at: i, saved })
    }
    if (i % 1000 === 0) {
      memoryMiB = Math.max(memoryMiB, process.memoryUsage.rss() / 2 ** 20)
      progress(`${i} of ${count}`)
      // Node frees what decompression has used only when the event loop turns, as it does in a kiosk.
      await setImmediate()
    }
  }
  for (const [kind, tally] of tallies)
    print({ kind, ...tally, slowestMs: Math.round(tally.slowestMs * 10) / 10 })
  const held = failures === 0 && memoryMiB <= MEMORY_MIB_MAX
  print({ count, failures, memoryMiB: Math.round(memoryMiB), memoryMiBMax: MEMORY_MIB_MAX, held })
  return held
}

/** What was wrong with how these bytes were taken; undefined: nothing. */
async function tryOne(
  kind: Kind,
  bytes: Uint8Array,
  tally: Tally,
  probe: Template,
): Promise<string | undefined> {
  try {
    const ms = await timed(() => decode(kind, bytes))
    tally.slowestMs = Math.max(tally.slowestMs, ms)
    // A busy machine can stop us for a second; a file that is slow is slow again.
    if (ms > SLOWEST_MS && (await timed(() => decode(kind, bytes))) > SLOWEST_MS) return 'it took too long'
    tally.read++
    return await useIt(kind, bytes, tally.read, probe)
  } catch (error) {
    if (!(error instanceof KioskError)) return `it threw ${error}`
    tally.refused++
    const expected = kind.startsWith('template') ? 'template/' : 'image/'
    return error.code.startsWith(expected) ? undefined : `it was refused as ${error.code}`
  }
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await run()
  return performance.now() - startMs
}

async function decode(kind: Kind, bytes: Uint8Array): Promise<readonly Template[] | readonly Frame[]> {
  switch (kind) {
    case 'template at rest':
      return [unpackTemplate(bytes)]
    case 'template record':
      return readInterchange(bytes).views.map(({ template }) => template)
    case 'image record':
    case 'image record with JPEG 2000':
      return (await decodeFir(bytes)).map(({ frame }) => frame)
    default:
      return [decodeImage(bytes)]
  }
}

async function useIt(
  kind: Kind,
  bytes: Uint8Array,
  read: number,
  probe: Template,
): Promise<string | undefined> {
  const isTemplate = kind.startsWith('template')
  if (read % (isTemplate ? ENGINE_EVERY.template : ENGINE_EVERY.image) !== 0) return undefined
  for (const thing of await decode(kind, bytes)) {
    if ('pixels' in thing) {
      try {
        unpackTemplate(packTemplate(extract(thing).template))
      } catch (error) {
        if (!(error instanceof KioskError) || error.code !== 'finger/not-a-finger')
          return `extraction threw ${error}`
      }
    } else {
      const { score } = compare(probe, thing)
      if (!(score >= 0 && Number.isFinite(score))) return `the comparison scored ${score}`
    }
  }
  return undefined
}
