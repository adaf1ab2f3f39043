import { strict as assert } from 'node:assert'
import { statSync } from 'node:fs'
import { mkdir, open, readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Level } from 'level'
import { KioskError } from '../base/errors.ts'
import { GroupCommit } from './group-commit.ts'
import { readEntry, withoutTag, withTags } from './integrity.ts'
import type { Change, Entry, Kv, Range } from './kv.ts'

/**
 * LevelDB as a `Kv`: synchronous grouped commits, tagged values, and no repair.
 *
 * Always true:
 * - A commit is done once the disk has it: the log file by `fdatasync` (`sync: true`), and the folder
 *   too when LevelDB has begun another log file, which it leaves to chance.
 * - After a failed commit LevelDB's log may hold half of it, and what is appended behind a half can be
 *   lost on the next start. So nothing more is written before the database has been reopened.
 * - `repair()` is never called: it brings deleted entries back and loses others without a word. A
 *   damaged database says `kv/corrupt` and waits for a person.
 */

type Database = Level<string, Uint8Array>

const OPTIONS = {
  keyEncoding: 'utf8',
  valueEncoding: 'view',
  // Sealed values do not compress, and a flipped bit in a compressed block would damage all of it.
  compression: false,
  // LevelDB maps its tables into memory: at most 64 of 1 MiB, so that a long queue does not fill the RAM.
  maxOpenFiles: 74,
  maxFileSize: 1024 * 1024,
}
const READ_AHEAD = { highWaterMarkBytes: 256 * 1024 }
const READ_AHEAD_ENTRIES = 256
// In constants, because `level` types its options for browsers, which know none of these.
const SYNCHRONOUS = { sync: true }

/**
 * Opens the database in `folder`, making it where there is none.
 * Rejects with `kv/locked`, `kv/corrupt` or `kv/io`.
 */
export async function openLevelKv(folder: string): Promise<Kv> {
  try {
    await makeFolder(folder)
    const kv = new LevelKv(folder)
    await kv.reopen()
    return kv
  } catch (error) {
    throw toKioskError(error)
  }
}

class LevelKv implements Kv {
  private database: Database | undefined
  private readonly group = new GroupCommit(changes => this.commit(changes))
  private wanted: { keys: string[]; values: Promise<(Uint8Array | undefined)[]> } | undefined
  /** As of the last commit. */
  private newestLog = { name: '', bytes: 0 }
  private closed = false
  private failed = true
  private reopening: Promise<Database> | undefined

  constructor(private readonly folder: string) {}

  async get(key: string): Promise<Uint8Array | undefined> {
    this.mustBeOpen()
    const stored = await this.getTogether(key)
    return stored && withoutTag(key, stored)
  }

  /** Reads that are asked for in the same turn go to LevelDB as one: each trip costs more than its read. */
  private async getTogether(key: string): Promise<Uint8Array | undefined> {
    this.wanted ??= { keys: [], values: this.getWanted() }
    const { keys, values } = this.wanted
    const index = keys.push(key) - 1
    return (await values)[index]
  }

  private async getWanted(): Promise<(Uint8Array | undefined)[]> {
    await Promise.resolve()
    const keys = this.wanted?.keys ?? []
    this.wanted = undefined
    const database = await this.ready()
    return await database.getMany(keys).catch(rethrow)
  }

  async write(changes: readonly Change[]): Promise<void> {
    this.mustBeOpen()
    await this.group.write(withTags(changes))
  }

  async *range(range: Range): AsyncIterable<Entry> {
    this.mustBeOpen()
    const database = await this.ready()
    let left = range.limit ?? Number.POSITIVE_INFINITY
    const onCorrupt = range.onCorrupt
    for await (const [key, stored] of readable(database, range)) {
      if (left <= 0) return
      const entry = readEntry(key, stored, onCorrupt)
      if (entry === undefined) continue
      left--
      yield entry
    }
  }

  /** Tables that were read stay mapped until as many others were, however rarely those are needed. */
  async shrink(): Promise<void> {
    this.mustBeOpen()
    await this.group.idle()
    this.failed = true
    await this.ready()
  }

  async close(): Promise<void> {
    this.closed = true
    await this.group.idle()
    await this.reopening?.catch(() => {})
    await this.database?.close().catch(rethrow)
  }

  /** Also the way back after a failed write: LevelDB reads its log anew and starts another one. */
  async reopen(): Promise<Database> {
    await this.database?.close()
    await mustNotBeGutted(this.folder)
    const database: Database = new Level(this.folder, OPTIONS)
    // A disk that is gone for a moment leaves an empty folder: no other database is begun in it.
    await database.open({ createIfMissing: this.database === undefined })
    this.database = database
    await this.syncNewLog()
    this.failed = false
    return database
  }

  private mustBeOpen(): void {
    if (this.closed) throw new KioskError('kv/io', { closed: true })
  }

  private async ready(): Promise<Database> {
    if (this.database && !this.failed) return this.database
    this.reopening ??= this.reopen().finally(() => {
      this.reopening = undefined
    })
    return await this.reopening.catch(rethrow)
  }

  private async commit(changes: readonly Change[]): Promise<void> {
    const database = await this.ready()
    try {
      // Change by change: of an array, every field of every change is asked for by its name, at twice the price.
      const batch = database.batch()
      for (const change of changes)
        if ('put' in change) batch.put(change.put, change.value)
        else batch.del(change.delete)
      await batch.write(SYNCHRONOUS)
      if (!this.newestLogGrew(changes)) await this.syncNewLog()
    } catch (error) {
      this.failed = true
      throw new KioskError('kv/io', {}, { cause: error })
    }
  }

  /**
   * By as much as was written: then that is where it went. A look at a file that was just written, in place of
   * a list of the folder by way of another thread: every commit pays it.
   */
  private newestLogGrew(changes: readonly Change[]): boolean {
    const { name, bytes: bytesBefore } = this.newestLog
    const bytes = this.bytesOf(name)
    this.newestLog = { name, bytes }
    const written = changes.reduce((sum, change) => sum + ('put' in change ? change.value.length : 1), 0)
    return bytes >= bytesBefore + written
  }

  /** 0: it is gone. */
  private bytesOf(log: string): number {
    return statSync(join(this.folder, log), { throwIfNoEntry: false })?.size ?? 0
  }

  /**
   * LevelDB begins a log file without making its name durable; a cut would then lose the whole file,
   * acknowledged writes and all. A name that was there before needs nothing.
   */
  private async syncNewLog(): Promise<void> {
    const logs = (await readdir(this.folder)).filter(name => name.endsWith('.log'))
    const name = logs.reduce(
      (newest, log) => (Number.parseInt(log, 10) > Number.parseInt(newest || '0', 10) ? log : newest),
      '',
    )
    if (name !== this.newestLog.name) await syncFolder(this.folder)
    this.newestLog = { name, bytes: this.bytesOf(name) }
  }
}

/**
 * Everything in the range that LevelDB can still read, tags and all.
 *
 * It steps over a block that it cannot read and says so only at the end of the range, dropping what it
 * had read ahead. So after such an end we go on behind the last entry, one by one, and report then.
 */
async function* readable(database: Database, range: Range): AsyncIterable<[string, Uint8Array]> {
  const { from, to, reverse } = range
  const bounds: { gte?: string; gt?: string; lt: string } = { gte: from, lt: to }
  let damage: KioskError | undefined
  for (const readAhead of [READ_AHEAD_ENTRIES, 1]) {
    const iterator = database.iterator({ ...bounds, reverse, ...READ_AHEAD })
    try {
      for (;;) {
        const entries = await iterator.nextv(readAhead)
        if (entries.length === 0) break
        for (const [key, value] of entries) {
          yield [key, value]
          if (reverse) bounds.lt = key
          else {
            delete bounds.gte
            bounds.gt = key
          }
        }
      }
    } catch (error) {
      damage = toKioskError(error)
      if (damage.code !== 'kv/corrupt') throw damage
    } finally {
      await iterator.close()
    }
    if (!damage) return
  }
  if (!range.onCorrupt) throw damage
  range.onCorrupt(undefined)
}

/**
 * LevelDB makes a new, empty database where CURRENT is missing, and deletes the tables that it then
 * does not know. So a folder with files of a database but no CURRENT is not opened.
 */
async function mustNotBeGutted(folder: string): Promise<void> {
  const names = await readdir(folder)
  const tables = names.filter(name => /\.(ldb|sst)$/.test(name)).length
  const logs = names.filter(name => name.endsWith('.log')).length
  if (!names.includes('CURRENT') && tables + logs > 0) throw new KioskError('kv/corrupt', { tables, logs })
}

/** The folder and its parents, each name durable. */
async function makeFolder(folder: string): Promise<void> {
  const topmostMade = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (topmostMade === undefined) return
  const last = dirname(resolve(topmostMade))
  for (let path = resolve(folder); path !== last; path = dirname(path)) await syncFolder(dirname(path))
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function rethrow(error: unknown): never {
  throw toKioskError(error)
}

/** The first code of LevelDB's along the chain of causes decides. */
function toKioskError(error: unknown): KioskError {
  if (error instanceof KioskError) return error
  assert(error instanceof Error)
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof KioskError) return cause
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'LEVEL_LOCKED') return new KioskError('kv/locked', {}, { cause: error })
    // A table or manifest that the database counts on is gone, or empty (nothing to map into memory).
    const isDamage = /No such file|\.(ldb|sst): Invalid argument/.test(message)
    if (code === 'LEVEL_CORRUPTION' || (code === 'LEVEL_IO_ERROR' && isDamage))
      return new KioskError('kv/corrupt', {}, { cause: error })
  }
  return new KioskError('kv/io', {}, { cause: error })
}
