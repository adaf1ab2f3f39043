import t from 'tap'
import type { Connection, Loopback } from '../../hal/ports/loopback.ts'

export interface LoopbackUnderTest {
  readonly loopback: Loopback
  /** A port where `serve` gets every connection. */
  listen(serve: (connection: Connection) => void): Promise<number>
  /** A port where nobody listens. */
  freePort(): Promise<number>
  close(): Promise<void>
}

const noSignal = new AbortController().signal

/** The contract of `hal/ports/loopback.ts`, one test a line of it. */
export function loopbackContract(name: string, make: () => Promise<LoopbackUnderTest>): void {
  const connected = async () => {
    const under = await make()
    let arrive: (connection: Connection) => void = () => {}
    const arrival = new Promise<Connection>(resolve => {
      arrive = resolve
    })
    const port = await under.listen(arrive)
    const near = await under.loopback.connect(port, noSignal)
    return { under, near, far: await arrival }
  }
  t.test(`${name} keeps the contract of a loopback`, async t => {
    t.test('where nobody listens, nobody answers; a signal is heeded', async t => {
      const { loopback, freePort, close } = await make()
      await t.rejects(loopback.connect(await freePort(), noSignal), { code: 'hal/no-answer' })
      const reason = new Error('left')
      await t.rejects(loopback.connect(await freePort(), AbortSignal.abort(reason)), reason)
      await close()
    })

    t.test('bytes arrive in order, both ways, and are the reader’s own', async t => {
      const { under, near, far } = await connected()
      const sent = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251)
      for (const [from, to] of [
        [near, far],
        [far, near],
      ]) {
        const buffer = sent.slice()
        const writing = from.write(buffer, noSignal).then(() => from.write(Uint8Array.of(9), noSignal))
        buffer.fill(0)
        const received = await readBytes(to, sent.length + 1)
        await writing
        t.ok(Buffer.from(received).equals(Buffer.from([...sent, 9])))
      }
      near.close()
      far.close()
      await under.close()
    })

    t.test('what had arrived before the other end went is read first, then undefined', async t => {
      const { under, near, far } = await connected()
      await far.write(Uint8Array.of(1, 2, 3), noSignal)
      t.same([...(await readBytes(near, 1))], [1, 2, 3])
      await far.write(Uint8Array.of(4), noSignal)
      far.close()
      far.close()
      t.same([...(await readBytes(near, 1))], [4])
      t.equal(await near.read(noSignal), undefined)
      t.equal(await near.read(noSignal), undefined)
      near.close()
      await under.close()
    })

    t.test('a reader that waits hears that the other end is gone; a writer too', async t => {
      const { under, near, far } = await connected()
      const reading = near.read(noSignal)
      far.close()
      t.equal(await reading, undefined)
      const writeOn = async () => {
        // A kernel may take a few bytes before it knows.
        for (let i = 0; i < 100; i++) {
          await near.write(new Uint8Array(1000), noSignal)
          await new Promise(setImmediate)
        }
      }
      await t.rejects(writeOn(), { code: 'hal/no-answer' })
      near.close()
      await under.close()
    })

    t.test('who does not read lets the other end wait, which a signal ends', async t => {
      const { under, near, far } = await connected()
      const stop = new AbortController()
      const reason = new Error('left')
      const writing = (async () => {
        for (let i = 0; i < 1000; i++) await near.write(new Uint8Array(100_000), stop.signal)
      })()
      setTimeout(() => stop.abort(reason), 200)
      await t.rejects(writing, reason)
      near.close()
      far.close()
      await under.close()
    })

    t.test('a signal ends waiting for bytes, with its reason', async t => {
      const { under, near, far } = await connected()
      const stop = new AbortController()
      const reason = new Error('left')
      const reading = near.read(stop.signal)
      setImmediate(() => stop.abort(reason))
      await t.rejects(reading, reason)
      await t.rejects(near.read(AbortSignal.abort(reason)), reason)
      near.close()
      t.equal(await far.read(noSignal), undefined)
      far.close()
      await under.close()
    })
  })
}

async function readBytes(connection: Connection, bytesMin: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  while (bytes < bytesMin) {
    const piece = await connection.read(noSignal)
    if (piece === undefined) break
    pieces.push(piece)
    bytes += piece.length
  }
  return Buffer.concat(pieces)
}
