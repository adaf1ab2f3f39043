/**
 * A line that carries bytes both ways to one part: a serial port, a socket, a pipe.
 *
 * Contract (test/contract/byte-port.ts):
 * - Before `open` and after `close`, `write` rejects with `hal/not-open`; `open` may follow `close`.
 * - `write` resolves once the line has taken the bytes; on a line that is cut it rejects with `hal/no-answer`,
 *   as does `open`. `open` rejects with `hal/no-permission` or `hal/in-use` where this user or now it may not be used.
 * - Bytes arrive in order, in pieces of any size, only between `open` and `close`, and never during
 *   a call of `onBytes` or `write`.
 * - A line that is cut delivers nothing more, and says nothing of its own accord.
 */
export interface BytePort {
  open(): Promise<void>
  write(bytes: Uint8Array): Promise<void>
  /** Who gets what arrives; one listener, the last one set. */
  onBytes(listener: (bytes: Uint8Array) => void): void
  /** Both ends must agree; a line that has no rate ignores it. */
  setBaudRate(baudRate: number): Promise<void>
  close(): Promise<void>
}
