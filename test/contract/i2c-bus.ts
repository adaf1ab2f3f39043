import t from 'tap'
import type { I2cBus } from '../../hal/ports/i2c-bus.ts'
import type { Clock } from '../../src/base/clock.ts'

export interface I2cUnderTest {
  /** Another handle on the same bus, not open. */
  handle(): I2cBus
  readonly clock: Clock
  /** A part with at least eight registers that keep what is written to them, one byte each, from 0 on. */
  readonly address: number
  /** Where nobody is. */
  readonly absentAddress: number
  /** Lets time pass until the call has ended. */
  finish<T>(call: Promise<T>): Promise<T>
}

// The machine may be an emulated one, which takes as long as its host lets it.
const PATIENT = { timeoutMs: 20_000 }

/** The contract of `hal/ports/i2c-bus.ts`, as far as a bus without faults can show it. */
export function i2cBusContract(name: string, make: () => Promise<I2cUnderTest>): void {
  t.test(`${name} keeps the contract of an I2C bus`, async t => {
    t.test('only an open bus can be used, and it can be opened again', async t => {
      const { handle, address, finish } = await make()
      const bus = handle()
      await t.rejects(bus.transfer(address, [0], 1, PATIENT), { code: 'hal/not-open' })
      await finish(bus.open())
      await finish(bus.open())
      await finish(bus.close())
      await finish(bus.close())
      await t.rejects(bus.transfer(address, [0], 1, PATIENT), { code: 'hal/not-open' })
      await finish(bus.open())
      t.equal((await finish(bus.transfer(address, [0], 1, PATIENT))).length, 1)
      await finish(bus.close())
    })

    t.test('what is written is read, one register or several', async t => {
      const { handle, address, finish } = await make()
      const bus = handle()
      await finish(bus.open())
      for (const [register, values] of [
        [0, [0x12]],
        [1, [0x34, 0x56, 0x78]],
        [4, [0xff, 0x00, 0xa5, 0x5a]],
      ] as const) {
        t.same([...(await finish(bus.transfer(address, [register, ...values], 0, PATIENT)))], [])
        t.same([...(await finish(bus.transfer(address, [register], values.length, PATIENT)))], [...values])
      }
      t.same(
        [...(await finish(bus.transfer(address, [0], 8, PATIENT)))],
        [0x12, 0x34, 0x56, 0x78, 0xff, 0x00, 0xa5, 0x5a],
      )
      await finish(bus.close())
    })

    t.test('where nobody is, nobody answers', async t => {
      const { handle, address, absentAddress, finish } = await make()
      const bus = handle()
      await finish(bus.open())
      await t.rejects(finish(bus.transfer(absentAddress, [0], 1, PATIENT)), { code: 'hal/no-answer' })
      await t.rejects(finish(bus.transfer(absentAddress, [0, 1], 0, PATIENT)), { code: 'hal/no-answer' })
      t.equal(
        (await finish(bus.transfer(address, [0], 1, PATIENT))).length,
        1,
        'and the others are not disturbed',
      )
      await finish(bus.close())
    })

    t.test('parts share it: transfers take turns, and one that leaves leaves it to the others', async t => {
      const { handle, address, finish } = await make()
      const [first, second] = [handle(), handle()]
      await finish(Promise.all([first.open(), second.open()]))
      const calls: Promise<unknown>[] = []
      const read: number[] = []
      for (let value = 0; value < 20; value++) {
        const bus = value % 2 === 0 ? first : second
        calls.push(bus.transfer(address, [3, value], 0, PATIENT))
        calls.push(bus.transfer(address, [3], 1, PATIENT).then(([byte]) => read.push(byte)))
      }
      await finish(Promise.all(calls))
      t.same(
        read,
        Array.from({ length: 20 }, (_, value) => value),
      )
      await finish(first.close())
      await t.rejects(first.transfer(address, [3], 1, PATIENT), { code: 'hal/not-open' })
      t.same([...(await finish(second.transfer(address, [3], 1, PATIENT)))], [19])
      await finish(second.close())
    })

    t.test('a signal that has aborted stops a transfer before it begins', async t => {
      const { handle, address, finish } = await make()
      const bus = handle()
      await finish(bus.open())
      await finish(bus.transfer(address, [2, 7], 0, PATIENT))
      const reason = new Error('the citizen left')
      await t.rejects(bus.transfer(address, [2, 9], 0, { signal: AbortSignal.abort(reason) }), reason)
      t.same([...(await finish(bus.transfer(address, [2], 1, PATIENT)))], [7])
      await finish(bus.close())
    })
  })
}
