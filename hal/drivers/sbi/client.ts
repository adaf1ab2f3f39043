import type { Clock } from '../../../src/base/clock.ts'
import { KioskError } from '../../../src/base/errors.ts'
import type { Connection, Loopback } from '../../ports/loopback.ts'
import { within } from '../../ports/within.ts'
import { badAnswer, encodeRequest, type Request, type ResponseHead, ResponseReader } from './http.ts'

export interface Wait {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Requests to one device service, each on a connection of its own, each with a limit on bytes and on time. */
export class SbiClient {
  constructor(
    private readonly loopback: Loopback,
    private readonly clock: Clock,
  ) {}

  /**
   * The body of the answer, whatever its status: services put their errors into bodies. `timeoutMs` is for all of it,
   * so that a service that sends a byte now and then gains nothing. Rejects with `hal/no-answer` or `hal/bad-answer`.
   */
  async ask(request: Request, { timeoutMs, signal }: Wait, bodyBytesMax: number): Promise<Uint8Array> {
    const body: Uint8Array[] = []
    try {
      await this.exchange(request, { timeoutMs, signal }, bodyBytesMax, pieces => body.push(...pieces))
      const whole = Buffer.concat(body)
      return new Uint8Array(whole.buffer, whole.byteOffset, whole.length)
    } finally {
      for (const piece of body) piece.fill(0)
    }
  }

  /**
   * Hands on the body as it arrives, until the service ends it or the time is over, whichever comes first. Rejects as
   * `ask` does where there was no answer, or no end of one that has one.
   */
  async stream(
    request: Request,
    { timeoutMs, signal }: Wait,
    onPiece: (piece: Uint8Array, head: ResponseHead) => void,
  ): Promise<void> {
    let hasBegun = false
    await this.exchange(request, { timeoutMs, signal }, Number.POSITIVE_INFINITY, (pieces, head) => {
      hasBegun = true
      for (const piece of pieces) onPiece(piece, head)
    }).catch((cause: unknown) => {
      // A stream has no end of its own: that it goes on until nobody listens any more is how it should be.
      const isOver = hasBegun && cause instanceof KioskError && cause.code === 'hal/no-answer'
      if (!isOver) throw cause
    })
  }

  private async exchange(
    request: Request,
    { timeoutMs, signal }: Wait,
    bodyBytesMax: number,
    onPieces: (pieces: readonly Uint8Array[], head: ResponseHead) => void,
  ): Promise<void> {
    const stop = new AbortController()
    const both = AbortSignal.any([signal, stop.signal])
    const work = this.converse(request, both, bodyBytesMax, onPieces)
    try {
      await within(work, { clock: this.clock, timeoutMs, signal })
    } catch (cause) {
      signal.throwIfAborted()
      if (!(cause instanceof KioskError) || cause.code !== 'hal/no-answer') throw cause
      const why = 'its device service does not answer: start it'
      throw new KioskError('hal/no-answer', { port: request.port, why }, { cause })
    } finally {
      stop.abort(new KioskError('hal/no-answer'))
      // It ends at once, and what it ends with is of no interest any more.
      await work.catch(() => {})
    }
  }

  private async converse(
    request: Request,
    signal: AbortSignal,
    bodyBytesMax: number,
    onPieces: (pieces: readonly Uint8Array[], head: ResponseHead) => void,
  ): Promise<void> {
    const connection = await this.loopback.connect(request.port, signal)
    try {
      await connection.write(encodeRequest(request), signal)
      await readAnswer(connection, signal, new ResponseReader(bodyBytesMax), onPieces)
    } finally {
      connection.close()
    }
  }
}

async function readAnswer(
  connection: Connection,
  signal: AbortSignal,
  reader: ResponseReader,
  onPieces: (pieces: readonly Uint8Array[], head: ResponseHead) => void,
): Promise<void> {
  let hasAnswered = false
  while (!reader.isDone) {
    const bytes = await connection.read(signal)
    if (bytes === undefined) {
      if (reader.end()) return
      // Cut before a word: nobody is there. Cut in the middle: half an answer.
      throw hasAnswered
        ? badAnswer('the connection was closed in its middle')
        : new KioskError('hal/no-answer')
    }
    hasAnswered ||= bytes.length > 0
    const pieces = reader.push(bytes)
    if (reader.head !== undefined) onPieces(pieces, reader.head)
  }
}
