/**
 * Services on this machine that parts are reached through: connections to 127.0.0.1 and nowhere else.
 *
 * Contract (test/contract/loopback.ts):
 * - `connect` rejects with `hal/no-answer` where nobody listens, and with the signal's reason once it aborts.
 * - Bytes arrive in order, in pieces of any size, each as the reader's own. Who does not read lets the other end wait.
 * - `read` resolves to undefined once the other end is gone, however it went; what had arrived before is read first.
 * - `write` resolves once the bytes are taken; to an end that is gone it rejects with `hal/no-answer`.
 * - Both stop early on their signal, with its reason; the connection is then only good for `close`.
 * - `close` may be called twice. The other end sees it as gone.
 */
export interface Loopback {
  connect(port: number, signal: AbortSignal): Promise<Connection>
}

/** One reader and one writer at a time. */
export interface Connection {
  write(bytes: Uint8Array, signal: AbortSignal): Promise<void>
  read(signal: AbortSignal): Promise<Uint8Array | undefined>
  close(): void
}
