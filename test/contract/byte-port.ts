import t from 'tap'
import type { BytePort } from '../../hal/ports/byte-port.ts'

/** A line, and its other end in the hands of the test. */
export interface LineUnderTest {
  readonly port: BytePort
  /** What the other end has heard. */
  heard(): readonly number[]
  say(bytes: Uint8Array): void
  /** Lets time pass until `condition` holds; gives up after some seconds. */
  until(condition: () => boolean): Promise<void>
  /** Lets so much time pass that what is on its way has arrived. */
  settle(): Promise<void>
  /** Cuts the line, and waits until both ends can know. */
  cut(): Promise<void>
  mend(): Promise<void>
}

/** The contract of `hal/ports/byte-port.ts`, one test a line of it. `make` gives a line that was not opened. */
export function bytePortContract(name: string, make: () => Promise<LineUnderTest>): void {
  t.test(`${name} keeps the contract of a byte port`, async t => {
    t.test('only an open line can be written to, and it can be opened again', async t => {
      const { port, heard, until } = await make()
      await t.rejects(port.write(Uint8Array.of(1)), { code: 'hal/not-open' })
      await port.open()
      await port.close()
      await t.rejects(port.write(Uint8Array.of(2)), { code: 'hal/not-open' })
      await port.close()
      await port.open()
      await port.write(Uint8Array.of(3))
      await until(() => heard().length > 0)
      t.same(heard(), [3])
      await port.close()
    })

    t.test('bytes arrive in order, both ways, and are the receiver’s own', async t => {
      const { port, heard, say, until } = await make()
      const received: number[] = []
      port.onBytes(bytes => received.push(...bytes))
      await port.open()
      const all = Uint8Array.from({ length: 256 }, (_, i) => i)
      const sent = all.slice()
      const writing = port.write(sent)
      t.same(received, [], 'never during a call')
      await writing
      sent.fill(0)
      await port.write(all)
      await until(() => heard().length > 0)
      say(all)
      await until(() => heard().length >= 512 && received.length >= 256)
      t.same(heard(), [...all, ...all])
      t.same(received, [...all])
      await port.close()
    })

    t.test('nothing is heard while it is closed', async t => {
      const { port, heard, say, until, settle } = await make()
      const received: number[] = []
      port.onBytes(bytes => received.push(...bytes))
      await port.open()
      await port.write(Uint8Array.of(8))
      await until(() => heard().length > 0)
      await port.close()
      say(Uint8Array.of(9))
      await settle()
      t.same(received, [])
    })

    t.test('a cut line rejects and is quiet, and once mended can be opened again', async t => {
      const { port, heard, say, until, settle, cut, mend } = await make()
      const received: number[] = []
      port.onBytes(bytes => received.push(...bytes))
      await port.open()
      await port.write(Uint8Array.of(7))
      await until(() => heard().length > 0)
      await cut()
      say(Uint8Array.of(1))
      await settle()
      await t.rejects(port.write(Uint8Array.of(1)), { code: 'hal/no-answer' })
      await port.close()
      await t.rejects(port.open(), { code: 'hal/no-answer' })
      await mend()
      await port.open()
      await port.write(Uint8Array.of(2))
      await until(() => heard().length > 1)
      say(Uint8Array.of(3))
      await until(() => received.length > 0)
      t.same([heard(), received], [[7, 2], [3]])
      await port.close()
    })
  })
}
