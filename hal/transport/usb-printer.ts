import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import type { BytePort } from '../ports/byte-port.ts'

const READ_BYTES_MAX = 1024
/** A printer answers questions only, so it is listened to closely after one, and else now and then. */
const POLL_MS = 20
const IDLE_POLL_MS = 500
const CLOSE_AFTER_MS = 3000
/** A printer that holds its bytes up this long has stopped. */
const WRITE_TIMEOUT_MS = 5000
const WRITE_POLL_MS = 10

export interface UsbPrinterOptions {
  /** As the kernel's `usblp` makes it: `/dev/usb/lp0`. */
  readonly path: string
  readonly clock: Clock
}

/**
 * A printer on the kernel's USB printer driver. Every call on the file is non-blocking: a printer that stops (no paper,
 * cover open) would else hold one of the process's few threads for file work until somebody mends it.
 */
export class UsbPrinterLine implements BytePort {
  private opened: { readonly file: FileHandle; readonly closing: AbortController } | undefined
  private lost = false
  private listenedAtMs = 0
  private hurry: () => void = () => {}
  private reading: Promise<void> = Promise.resolve()
  private listener: (bytes: Uint8Array) => void = () => {}

  constructor(private readonly options: UsbPrinterOptions) {}

  async open(): Promise<void> {
    await this.close()
    const { path, clock } = this.options
    const file = await open(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY).catch(
      (cause: unknown) => {
        throw openError(cause, path)
      },
    )
    this.opened = { file, closing: new AbortController() }
    this.lost = false
    this.listenedAtMs = clock.monotonicMs()
    this.reading = this.read(file, this.opened.closing.signal)
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.opened === undefined) throw new KioskError('hal/not-open')
    const { file, closing } = this.opened
    const { clock, path } = this.options
    const rest = Uint8Array.from(bytes)
    const deadlineMs = clock.monotonicMs() + WRITE_TIMEOUT_MS
    for (let at = 0; at < rest.length; ) {
      if (this.lost) throw new KioskError('hal/no-answer', { path })
      if (closing.signal.aborted) throw new KioskError('hal/not-open')
      const written = await this.now(() => file.write(rest, at).then(({ bytesWritten }) => bytesWritten))
      at += written
      if (written > 0) continue
      if (clock.monotonicMs() >= deadlineMs) throw new KioskError('hal/no-answer', { path, holds: 'bytes' })
      await clock.sleep(WRITE_POLL_MS, closing.signal).catch(() => {})
    }
    this.listenedAtMs = clock.monotonicMs()
    this.hurry()
  }

  onBytes(listener: (bytes: Uint8Array) => void): void {
    this.listener = listener
  }

  async setBaudRate(): Promise<void> {}

  async close(): Promise<void> {
    const { opened } = this
    this.opened = undefined
    opened?.closing.abort()
    await this.reading
    await opened?.file.close().catch(() => {})
  }

  private async read(file: FileHandle, signal: AbortSignal): Promise<void> {
    const { clock } = this.options
    const into = new Uint8Array(READ_BYTES_MAX)
    while (!signal.aborted && !this.lost) {
      // A cut line rejects here, and `write` tells.
      const bytes = await this.now(() => file.read(into, 0, into.length, null).then(r => r.bytesRead)).catch(
        () => 0,
      )
      if (bytes > 0 && !signal.aborted) this.listener(into.slice(0, bytes))
      if (bytes > 0) continue
      const isIdle = clock.monotonicMs() - this.listenedAtMs > CLOSE_AFTER_MS
      const soon = new AbortController()
      this.hurry = () => soon.abort()
      await clock
        .sleep(isIdle ? IDLE_POLL_MS : POLL_MS, AbortSignal.any([signal, soon.signal]))
        .catch(() => {})
    }
  }

  /** What the call moved now; 0 where the kernel says "later". */
  private async now(call: () => Promise<number>): Promise<number> {
    try {
      return await call()
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException
      if (code === 'EAGAIN' || code === 'EINTR') return 0
      this.lost = true
      throw new KioskError('hal/no-answer', { path: this.options.path }, { cause })
    }
  }
}

function openError(cause: unknown, path: string): KioskError {
  const errno = (cause as NodeJS.ErrnoException).code ?? 'unknown'
  if (errno === 'EACCES' || errno === 'EPERM')
    return new KioskError('hal/no-permission', { path, remedy: 'put the user into the group lp' }, { cause })
  if (errno === 'EBUSY')
    return new KioskError(
      'hal/in-use',
      { path, remedy: 'another program holds it: CUPS must not manage this printer' },
      { cause },
    )
  return new KioskError(
    'hal/no-answer',
    { path, errno, remedy: 'switch the printer on and plug it in; modprobe usblp' },
    { cause },
  )
}
