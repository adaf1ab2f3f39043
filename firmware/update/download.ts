import { type FileHandle, open, rename, rm, stat, truncate } from 'node:fs/promises'
import { get as getPlain, type IncomingMessage } from 'node:http'
import { get as getTls } from 'node:https'
import { rootCertificates } from 'node:tls'
import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import { sha256OfFile } from '../image/sha256.ts'

/** A server that says nothing for so long has gone. */
const SILENCE_MS_MAX = 60_000
/**
 * At most so much is written and not yet synced. After a power cut a file may have its length without the last bytes
 * written to it, so a later call goes back by as much.
 */
const UNSYNCED_BYTES_MAX = 256 * 1024

export interface Wanted {
  /** http: or https:. */
  readonly url: string
  readonly bytes: number
  /** Lower-case hex. */
  readonly sha256: string
}

export interface DownloadOptions {
  /** Where it goes; until it is whole, beside it as `….part`. */
  readonly file: string
  /** PEM of whom https servers may lead to, beside those of Node. */
  readonly authorities: readonly string[]
  readonly bytesPerSecondMax: number
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onProgress: (bytes: number) => void
}

/**
 * Brings a file by HTTP range requests (RFC 9110, section 14), from what an earlier call brought and synced. Nothing of
 * the server is believed: length and hash decide, and what does not fit is thrown away. Rejects with
 * `update/unreachable` (try later), `update/other-hash`, `kv/io`.
 */
export async function download(wanted: Wanted, options: DownloadOptions): Promise<void> {
  const { file, onProgress } = options
  const part = `${file}.part`
  if ((await sizeOf(file)) === wanted.bytes && (await sha256OfFile(file)) === wanted.sha256) return
  await rm(file, { force: true })
  if ((await sizeOf(part)) > wanted.bytes) await rm(part, { force: true })
  const from = Math.max(0, (await sizeOf(part)) - UNSYNCED_BYTES_MAX)
  onProgress(from)
  await fetchRest(wanted, part, from, options)
  if ((await sizeOf(part)) !== wanted.bytes || (await sha256OfFile(part)) !== wanted.sha256) {
    await rm(part, { force: true })
    throw new KioskError('update/other-hash', { url: hostOf(wanted.url) })
  }
  await rename(part, file)
}

async function fetchRest(
  wanted: Wanted,
  part: string,
  from: number,
  options: DownloadOptions,
): Promise<void> {
  const { clock, signal, onProgress, bytesPerSecondMax } = options
  const answer = await ask(wanted.url, from, options)
  // A server that knows no ranges sends all of it.
  const begins = answer.statusCode === 206 ? from : 0
  const startMs = clock.monotonicMs()
  let bytes = begins
  let sink: FileHandle | undefined
  try {
    sink = await emptyFrom(part, begins)
    let synced = begins
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      if (bytes + chunk.length > wanted.bytes) {
        throw new KioskError('update/other-hash', { url: hostOf(wanted.url) })
      }
      if (bytes + chunk.length - synced > UNSYNCED_BYTES_MAX) {
        await sink.datasync()
        synced = bytes
      }
      await sink.appendFile(chunk)
      bytes += chunk.length
      onProgress(bytes)
      const earlyMs = ((bytes - begins) / bytesPerSecondMax) * 1000 - (clock.monotonicMs() - startMs)
      if (earlyMs > 0) await clock.sleep(earlyMs, signal)
    }
    await sink.sync()
  } catch (cause) {
    answer.destroy()
    signal.throwIfAborted()
    if (cause instanceof KioskError) {
      await rm(part, { force: true })
      throw cause
    }
    const isDisk = ['ENOSPC', 'EIO', 'EROFS'].includes((cause as NodeJS.ErrnoException).code ?? '')
    if (isDisk) throw new KioskError('kv/io', {}, { cause })
    throw unreachable(wanted.url, 'the connection broke', cause)
  } finally {
    await sink?.close()
  }
}

/** A file of `bytes` bytes, to be written on at its end. */
async function emptyFrom(path: string, bytes: number): Promise<FileHandle> {
  if (bytes > 0) await truncate(path, bytes)
  return open(path, bytes > 0 ? 'a' : 'w', 0o600)
}

function ask(
  url: string,
  from: number,
  { authorities, signal }: Pick<DownloadOptions, 'authorities' | 'signal'>,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = from > 0 ? { range: `bytes=${from}-` } : {}
    const options = { headers, signal, timeout: SILENCE_MS_MAX }
    const take = (answer: IncomingMessage) => {
      const { statusCode = 0 } = answer
      if (statusCode === 200 || (statusCode === 206 && startOf(answer) === from)) return resolve(answer)
      answer.destroy()
      reject(unreachable(url, `the server answers ${statusCode}`))
    }
    const request = url.startsWith('https:')
      ? getTls(url, { ...options, ca: [...rootCertificates, ...authorities], minVersion: 'TLSv1.3' }, take)
      : getPlain(url, options, take)
    request.on('timeout', () => request.destroy(new Error('the server is silent')))
    request.on('error', cause => {
      if (signal.aborted) reject(signal.reason)
      else reject(unreachable(url, cause.message, cause))
    })
  })
}

function startOf({ headers }: IncomingMessage): number {
  return Number(/^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1] ?? Number.NaN)
}

function unreachable(url: string, reason: string, cause?: unknown): KioskError {
  return new KioskError('update/unreachable', { url: hostOf(url), reason }, { cause })
}

/** A path may hold what opens it. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : ''
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}
