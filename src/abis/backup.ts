/**
 * A backup of the ABIS: every entry of its database as it stands there, values sealed under the data key, and the
 * print jobs that still wait for their kiosks, each encrypted to its own.
 *
 *     one line       tunggal-abis-backup 1
 *     entries        length of key (4 bytes, big-endian), length of value (4), key, value
 *     files          the same, `files/` before the name of each
 *     seal           length 0, length (4), then `{entries, sha256}` of all before, sealed under the data key
 *
 * So the file is as secret as the database: without `data.key` it tells how many records there are and
 * nothing else. The last entry makes it whole: shortened, mixed or changed by somebody without the key,
 * it is refused before anything is written.
 */
import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { KioskError } from '../base/errors.ts'
import { type Change, KEY_BYTES_MAX, type Kv } from '../kv/kv.ts'
import { sealValue, unsealValue } from '../kv/sealed.ts'
import { SEALED_BYTES_MAX } from '../record/submission.ts'
import { encodeValue, keyOf, type Restored } from './layout.ts'

const HEADER = Buffer.from('tunggal-abis-backup 1\n')
const LENGTHS_BYTES = 8
/** A record holds what a submission held, and a little of our own. */
const VALUE_BYTES_MAX = 2 * SEALED_BYTES_MAX
/** Of what is no entry of the database. */
const FILES = 'files/'
/** What the seal is bound to; no entry has this key. */
const SEAL_KEY = 'backup/seal'
const GROUP_BYTES = 1024 * 1024

/** A file beside the database; its name is relative, with slashes. */
export interface BackedUpFile {
  readonly name: string
  readonly bytes: Uint8Array
}

interface Whole {
  readonly entries: number
  readonly sha256: string
}

/**
 * Writes all of `kv`, whose values are sealed already, and `files` to a new file; on the disk when it resolves. An
 * entry that is damaged is left out and told. Returns how many were written. Rejects with `io/unwritable`.
 */
export async function writeBackup(
  kv: Kv,
  options: {
    readonly file: string
    readonly dataKey: Uint8Array
    readonly files: AsyncIterable<BackedUpFile>
    readonly onDamage: (key: string | undefined) => void
  },
): Promise<number> {
  const { file, dataKey, files, onDamage } = options
  const handle = await open(file, 'wx', 0o600).catch(cause => {
    throw new KioskError('io/unwritable', { file }, { cause })
  })
  try {
    const hash = createHash('sha256')
    const write = async (bytes: Uint8Array) => {
      hash.update(bytes)
      // Not `write`, which may leave the rest of the bytes to its caller.
      await handle.appendFile(bytes)
    }
    await write(HEADER)
    let entries = 0
    for await (const { key, value } of kv.range({ from: '\u0000', to: '\uffff', onCorrupt: onDamage })) {
      await write(encodeEntry(key, value))
      entries++
    }
    for await (const { name, bytes } of files) {
      await write(encodeEntry(FILES + name, bytes))
      entries++
    }
    const whole: Whole = { entries, sha256: hash.digest('hex') }
    await handle.appendFile(encodeEntry('', sealValue(dataKey, SEAL_KEY, Buffer.from(JSON.stringify(whole)))))
    await handle.sync()
    return entries
  } catch (cause) {
    if (cause instanceof KioskError) throw cause
    throw new KioskError('io/unwritable', { file }, { cause })
  } finally {
    await handle.close()
  }
}

/**
 * How many entries a backup has. Rejects with `io/unreadable` where it is none, not whole, or of another
 * data key: nothing of it should then be believed.
 */
export async function verifyBackup(file: string, dataKey: Uint8Array): Promise<number> {
  const hash = createHash('sha256')
  let entries = 0
  let whole: Whole | undefined
  for await (const { key, value, bytes } of backupEntries(file, header => hash.update(header))) {
    if (whole !== undefined) throw unreadable(file, 'more follows its end')
    if (key !== '') {
      hash.update(bytes)
      entries++
      continue
    }
    try {
      whole = JSON.parse(Buffer.from(unsealValue(dataKey, SEAL_KEY, value)).toString()) as Whole
    } catch (cause) {
      throw unreadable(file, 'it was made under another data key, or changed', cause)
    }
  }
  if (whole === undefined) throw unreadable(file, 'it ends too early')
  if (whole.entries !== entries || whole.sha256 !== hash.digest('hex'))
    throw unreadable(file, 'it is not as it was written')
  return entries
}

/** Writes a verified backup into an empty database, and its files by `putFile`. Rejects with `io/unreadable`, `kv/io`. */
export async function readBackup(
  file: string,
  kv: Kv,
  putFile: (file: BackedUpFile) => Promise<void>,
): Promise<void> {
  let group: Change[] = []
  let groupBytes = 0
  const flush = async () => {
    await kv.write(group)
    group = []
    groupBytes = 0
  }
  for await (const { key, value } of backupEntries(file, () => {})) {
    if (key === '') continue
    if (key.startsWith(FILES)) {
      await putFile({ name: key.slice(FILES.length), bytes: value })
      continue
    }
    group.push({ put: key, value })
    groupBytes += value.length
    if (groupBytes >= GROUP_BYTES) await flush()
  }
  if (group.length > 0) await flush()
}

/** Notes in a database that was just restored that it was: kiosks then send again what came after the backup. */
export async function noteRestored(kv: Kv, nowMs: number): Promise<void> {
  const restored: Restored = { at: new Date(nowMs).toISOString() }
  await kv.write([{ put: keyOf.restored, value: encodeValue(restored) }])
}

function encodeEntry(key: string, value: Uint8Array): Buffer {
  const keyBytes = Buffer.from(key)
  assert(keyBytes.length <= KEY_BYTES_MAX)
  const lengths = Buffer.alloc(LENGTHS_BYTES)
  lengths.writeUInt32BE(keyBytes.length)
  lengths.writeUInt32BE(value.length, 4)
  return Buffer.concat([lengths, keyBytes, value])
}

/** The seal comes last, with an empty key; `bytes` are the entry as it stands in the file. */
async function* backupEntries(
  file: string,
  onHeader: (bytes: Uint8Array) => void,
): AsyncIterable<{ key: string; value: Uint8Array; bytes: Uint8Array }> {
  let held = Buffer.alloc(0)
  let started = false
  try {
    for await (const chunk of createReadStream(file)) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      if (!started) {
        if (held.length < HEADER.length) continue
        if (!held.subarray(0, HEADER.length).equals(HEADER)) throw unreadable(file, 'it is no backup')
        onHeader(HEADER)
        held = held.subarray(HEADER.length)
        started = true
      }
      for (;;) {
        if (held.length < LENGTHS_BYTES) break
        const keyBytes = held.readUInt32BE(0)
        const valueBytes = held.readUInt32BE(4)
        if (keyBytes > KEY_BYTES_MAX || valueBytes > VALUE_BYTES_MAX) throw unreadable(file, 'it is damaged')
        const end = LENGTHS_BYTES + keyBytes + valueBytes
        if (held.length < end) break
        const bytes = held.subarray(0, end)
        const key = bytes.toString('utf8', LENGTHS_BYTES, LENGTHS_BYTES + keyBytes)
        yield { key, value: bytes.subarray(LENGTHS_BYTES + keyBytes), bytes }
        held = held.subarray(end)
      }
    }
  } catch (cause) {
    throw cause instanceof KioskError ? cause : unreadable(file, 'it cannot be read', cause)
  }
  if (!started || held.length > 0) throw unreadable(file, 'it ends too early')
}

function unreadable(file: string, why: string, cause?: unknown): KioskError {
  return new KioskError('io/unreadable', { file, why }, cause === undefined ? undefined : { cause })
}
