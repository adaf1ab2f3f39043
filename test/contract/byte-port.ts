import t from 'tap'
import type { BytePort } from '../../hal/ports/byte-port.ts'
import type { ManualClock } from '../support/manual-clock.ts'

/** A line, and its other end in the hands of the test. */
export interface LineUnderTest {
  readonly port: BytePort
  /** Where a line lives on a clock of its own; absent where time is real. */
  readonly clock?: ManualClock
  /** What the other end has heard. */
  heard(): readonly number[]
  say(bytes: Uint8Array): void
  /** Waits for what is on its way. */
  settle(): Promise<void>
  cut(): void
  mend(): void
}

/** The contract of `hal/ports/byte-port.ts`, one test a line of it. `make` gives a line that was not opened. */
export function bytePortContract(name: string, make: () => Promise<LineUnderTest>): void {
  t.test(`${name} keeps the contract of a byte port`, async t => {
    t.test('only an open line can be written to, and it can be opened again', async t => {
      const { port, heard, settle } = await make()
      await t.rejects(port.write(Uint8Array.of(1)), { code: 'hal/not-open' })
      await port.open()
      await port.close()
      await t.rejects(port.write(Uint8Array.of(2)), { code: 'hal/not-open' })
      await port.close()
      await port.open()
      await port.write(Uint8Array.of(3))
      await settle()
      t.same(heard(), [3])
      await port.close()
    })

    t.test('bytes arrive in order, both ways, and are the receiver’s own', async t => {
      const { port, heard, say, settle } = await make()
      const received: number[] = []
      port.onBytes(bytes => received.push(...bytes))
      await port.open()
      const all = Uint8Array.from({ length: 256 }, (_, i) => i)
      const sent = all.slice()
      await port.write(sent)
      await port.write(all)
      say(all)
      t.same(received, [], 'never before write has returned')
      await settle()
      sent.fill(0)
      t.same(heard(), [...all, ...all])
      t.same(received, [...all])
      await port.close()
    })

    t.test('nothing is heard while it is closed', async t => {
      const { port, say, settle } = await make()
      const received: number[] = []
      port.onBytes(bytes => received.push(...bytes))
      await port.open()
      await port.close()
      say(Uint8Array.of(9))
      await settle()
      t.same(received, [])
    })

    t.test('a cut line rejects and is quiet, and once mended can be opened again', async t => {
      const { port, heard, say, settle, cut, mend } = await make()
      const received: number[] = []
      port.onBytes(bytes => received.push(...bytes))
      await port.open()
      cut()
      say(Uint8Array.of(1))
      await settle()
      await t.rejects(port.write(Uint8Array.of(1)), { code: 'hal/no-answer' })
      await port.close()
      await t.rejects(port.open(), { code: 'hal/no-answer' })
      mend()
      await port.open()
      await port.write(Uint8Array.of(2))
      say(Uint8Array.of(3))
      await settle()
      t.same([heard(), received], [[2], [3]])
      await port.close()
    })
  })
}
