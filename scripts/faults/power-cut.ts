import { execFile } from 'node:child_process'
import { link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

/** What a disk leaves of bytes that were written and never synced. */
export const tails = ['cut', 'part', 'zero', 'junk'] as const
/**
 * Which changes of names survive. `ordered`: any sync makes all earlier ones durable, as a journaling
 * file system does. `strict`: only a sync of their folder, as POSIX has it. In either, what survives of
 * the rest is a beginning: names change on the disk in the order they were changed.
 */
export const nameRules = ['ordered', 'strict'] as const

export interface Tracker {
  /** The folder that is watched. */
  readonly root: string
  readonly journal: string
  readonly kept: string
}

/** Compiles the tracker into `folder`; returns the library for LD_PRELOAD. */
export async function compileTracker(folder: string): Promise<string> {
  const library = join(folder, 'sync-tracker.so')
  const source = join(import.meta.dirname, 'sync-tracker.c')
  await promisify(execFile)('gcc', [
    '-shared',
    '-fPIC',
    '-O2',
    '-Wall',
    '-Wextra',
    '-o',
    library,
    source,
    '-ldl',
  ])
  return library
}

/** An empty journal; returns the environment that a process is to be started with. */
export async function startTracking(tracker: Tracker, library: string): Promise<Record<string, string>> {
  await rm(tracker.kept, { recursive: true, force: true })
  await rm(tracker.journal, { force: true })
  await mkdir(tracker.kept)
  return {
    LD_PRELOAD: library,
    SYNC_TRACKER_ROOT: tracker.root,
    SYNC_TRACKER_JOURNAL: tracker.journal,
    SYNC_TRACKER_KEPT: tracker.kept,
  }
}

/** A file, whatever its name. */
interface TrackedFile {
  syncedBytes: number
  /** Bytes that were overwritten since the last sync. */
  overwritten: { offset: number; kept: string }[]
}
type Step = { readonly line: number } & (
  | { word: 'CREATE'; path: string }
  | { word: 'RENAME'; from: string; path: string; kept: string; replaced?: TrackedFile }
  | { word: 'UNLINK'; path: string; kept: string; file?: TrackedFile }
)

/** What is known once the whole journal was read. */
interface Story {
  readonly steps: readonly Step[]
  /** By the name that each has at the end. */
  readonly files: Map<string, TrackedFile>
  /** The first line that a cut may undo. */
  readonly durable: number
}

/**
 * Makes of the folder of a killed process what a disk might have kept after a power cut at that moment.
 * Returns what was taken away.
 */
export async function cutPower(
  tracker: Tracker,
  options: {
    tail: (typeof tails)[number]
    names: (typeof nameRules)[number]
    random: () => number
  },
): Promise<{ names: number; bytes: number }> {
  const journal = await readFile(tracker.journal, 'utf8')
  const story = readStory(journal.split('\n').slice(0, -1), options.names)
  const volatile = story.steps.filter(({ line }) => line >= story.durable)
  // Half of the time the worst: nothing volatile survived.
  const survivors = options.random() < 0.5 ? 0 : Math.floor(options.random() * (volatile.length + 1))
  const undone = volatile.slice(survivors).reverse()
  for (const step of undone) await undo(step, story.files, tracker.kept)
  let bytes = 0
  for (const [path, file] of story.files) bytes += await loseBytes(path, file, tracker.kept, options)
  return { names: undone.length, bytes }
}

function readStory(lines: readonly string[], names: (typeof nameRules)[number]): Story {
  const steps: Step[] = []
  const files = new Map<string, TrackedFile>()
  const fileAt = (path: string, syncedBytes: number): TrackedFile => {
    const file = files.get(path) ?? { syncedBytes, overwritten: [] }
    files.set(path, file)
    return file
  }
  let durable = 0
  lines.forEach((text, line) => {
    const [word, path, second, third, fourth] = text.split('\t')
    if (word === 'CREATE') {
      files.set(path, { syncedBytes: 0, overwritten: [] })
      steps.push({ line, word, path })
    } else if (word === 'RENAME') {
      steps.push({ line, word, from: path, path: second, kept: third, replaced: files.get(second) })
      const file = files.get(path)
      files.delete(path)
      if (file) files.set(second, file)
      else files.delete(second)
    } else if (word === 'UNLINK') {
      steps.push({ line, word, path, kept: second, file: files.get(path) })
      files.delete(path)
    } else if (word === 'OVER') {
      // Of a file that was there before the journal everything is on the disk.
      fileAt(path, Number(fourth)).overwritten.push({ offset: Number(second), kept: third })
    } else if (word === 'SYNC') {
      Object.assign(fileAt(path, 0), { syncedBytes: Number(second), overwritten: [] })
      if (names === 'ordered') durable = line
    } else if (word === 'DIRSYNC') {
      const covered = steps.findLast(step => names === 'ordered' || dirname(step.path) === path)
      if (covered) durable = Math.max(durable, covered.line + 1)
    }
  })
  return { steps, files, durable }
}

async function undo(step: Step, files: Map<string, TrackedFile>, keptFolder: string): Promise<void> {
  const file = files.get(step.path)
  if (step.word === 'CREATE') {
    files.delete(step.path)
    await rm(step.path, { recursive: true, force: true })
    return
  }
  const kept = step.kept === '0' ? undefined : join(keptFolder, step.kept)
  if (step.word === 'UNLINK') {
    if (kept) await link(kept, step.path)
    if (step.file) files.set(step.path, step.file)
    return
  }
  await rename(step.path, step.from)
  files.delete(step.path)
  if (file) files.set(step.from, file)
  if (kept) await link(kept, step.path)
  if (step.replaced) files.set(step.path, step.replaced)
}

async function loseBytes(
  path: string,
  file: TrackedFile,
  keptFolder: string,
  { tail, random }: { tail: (typeof tails)[number]; random: () => number },
): Promise<number> {
  const status = await stat(path).catch(() => undefined)
  if (!status?.isFile()) return 0
  const handle = await open(path, 'r+')
  try {
    // A few bytes within a sector are there or not; the oldest state first undone last.
    for (const { offset, kept } of file.overwritten.toReversed()) {
      if (random() < 0.5) continue
      const bytes = await readFile(join(keptFolder, kept))
      await handle.write(bytes, 0, bytes.length, offset)
    }
    const unsynced = status.size - file.syncedBytes
    if (unsynced <= 0) return 0
    if (tail === 'cut') await handle.truncate(file.syncedBytes)
    else if (tail === 'part') await handle.truncate(file.syncedBytes + Math.floor(random() * unsynced))
    else {
      const bytes = Buffer.alloc(unsynced)
      if (tail === 'junk') for (let at = 0; at < unsynced; at++) bytes[at] = random() * 256
      await handle.write(bytes, 0, unsynced, file.syncedBytes)
    }
    return unsynced
  } finally {
    await handle.close()
  }
}
