import t from 'tap'
import { parseI2cWiring } from '../../../hal/ports/i2c-bus.ts'
import { busError, SharedI2cBus } from '../../../hal/ports/shared-i2c-bus.ts'
import { SimulatedI2c } from '../../../hal/sim/i2c-controller.ts'
import { RegisterDevice } from '../../../hal/sim/register-device.ts'
import { Random } from '../../../src/finger/synthetic/random.ts'
import { i2cBusContract } from '../../contract/i2c-bus.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const ADDRESS = 0x44

function bench() {
  const clock = new ManualClock()
  const wires = new SimulatedI2c()
  const device = new RegisterDevice(16)
  wires.attach(ADDRESS, device)
  const shared = new SharedI2cBus({ controller: wires, clock })
  return { clock, wires, device, shared }
}

async function opened() {
  const parts = bench()
  const bus = parts.shared.handle()
  await bus.open()
  return { ...parts, bus }
}

i2cBusContract('a shared bus over simulated wires', async () => {
  const { clock, shared } = bench()
  return {
    handle: () => shared.handle(),
    clock,
    address: ADDRESS,
    absentAddress: 0x45,
    finish: call => clock.finish(call),
  }
})

t.test('a transfer that lost the wires to another master is repeated, not for ever', async t => {
  const { clock, wires, bus } = await opened()
  wires.arbitrationLosses = 3
  t.equal((await clock.finish(bus.transfer(ADDRESS, [0], 1))).length, 1)
  wires.arbitrationLosses = 1000
  await t.rejects(clock.finish(bus.transfer(ADDRESS, [0], 1)), { code: 'hal/busy' })
  t.equal(wires.arbitrationLosses, 996)
})

t.test(
  'a bus that hangs: everybody is told in time, nobody touches it, and once free it works again',
  async t => {
    const { clock, wires, bus, shared } = await opened()
    wires.hang()
    const startMs = clock.monotonicMs()
    const first = bus.transfer(ADDRESS, [1, 99], 0, { timeoutMs: 300 })
    const second = bus.transfer(ADDRESS, [0], 1, { timeoutMs: 200 })
    await t.rejects(clock.finish(second), { code: 'hal/no-answer' })
    await t.rejects(clock.finish(first), { code: 'hal/no-answer' })
    await t.rejects(clock.finish(bus.transfer(ADDRESS, [0], 1)), { code: 'hal/no-answer' })
    t.ok(clock.monotonicMs() - startMs <= 900)
    wires.free()
    await clock.advance(1)
    t.same([...(await clock.finish(bus.transfer(ADDRESS, [1], 1)))], [0], 'what hung did nothing later')
    t.equal(wires.openings, 2, 'it was opened anew')
    await bus.close()
    const next = shared.handle()
    await next.open()
    await next.close()
    await clock.advance(1000)
    t.equal(clock.sleeping, 0)
  },
)

t.test('a signal leaves a hanging transfer behind, and one that waits', async t => {
  const { clock, wires, bus } = await opened()
  wires.hang()
  const stop = new AbortController()
  const reason = new Error('the citizen left')
  const calls = [1, 2].map(() => bus.transfer(ADDRESS, [0], 1, { signal: stop.signal }))
  await clock.advance(10)
  stop.abort(reason)
  for (const call of calls) await t.rejects(call, reason)
  t.equal(clock.monotonicMs(), 10)
  wires.free()
  await clock.advance(1)
  t.equal((await clock.finish(bus.transfer(ADDRESS, [0], 1))).length, 1)
})

t.test('closing a hanging bus ends, and its files are closed when it lets go', async t => {
  const { clock, wires, bus, shared } = await opened()
  wires.hang()
  await t.rejects(clock.finish(bus.transfer(ADDRESS, [0], 1)), { code: 'hal/no-answer' })
  await clock.finish(bus.close())
  wires.free()
  await clock.advance(1)
  await t.rejects(wires.transfer(ADDRESS, Uint8Array.of(0), 1), { code: 'EBADF' })
  const again = shared.handle()
  await again.open()
  t.equal((await again.transfer(ADDRESS, [0], 1)).length, 1)
})

t.test('an error of the bus opens it anew before its next use', async t => {
  const { wires, bus } = await opened()
  wires.setErrno('EIO')
  await t.rejects(bus.transfer(ADDRESS, [0], 1), { code: 'hal/no-answer', message: /EIO/ })
  await t.rejects(bus.transfer(ADDRESS, [0], 1), { code: 'hal/no-answer' }, 'it cannot be opened yet')
  wires.setErrno(undefined)
  t.equal((await bus.transfer(ADDRESS, [0], 1)).length, 1)
  t.equal(wires.openings, 2)
  await t.rejects(bus.transfer(0x45, [0], 1), { code: 'hal/no-answer' })
  t.equal((await bus.transfer(ADDRESS, [0], 1)).length, 1)
  t.equal(wires.openings, 2, 'an absent part is no error of the bus')
})

t.test('more callers than may wait are turned away', async t => {
  const { clock, wires, bus } = await opened()
  wires.hang()
  const calls = Array.from({ length: 70 }, () => bus.transfer(ADDRESS, [0], 1).catch(cause => cause.code))
  const codes = await clock.finish(Promise.all(calls))
  t.equal(codes.filter(code => code === 'hal/busy').length, 5)
  t.equal(codes.filter(code => code === 'hal/no-answer').length, 65)
})

t.test('a bus that cannot be opened says so, and can be tried again', async t => {
  const { wires, shared } = bench()
  const bus = shared.handle()
  wires.setErrno('ENOENT')
  await t.rejects(bus.open(), { code: 'hal/no-bus', message: /i2c_arm/ })
  await t.rejects(bus.transfer(ADDRESS, [0], 1), { code: 'hal/not-open' })
  wires.setErrno(undefined)
  await bus.open()
  t.equal((await bus.transfer(ADDRESS, [0], 1)).length, 1)
})

t.test('an address that the kernel holds is told apart', async t => {
  const { wires, bus } = await opened()
  wires.heldByKernel.add(0x68)
  await t.rejects(bus.transfer(0x68, [0], 1), { code: 'hal/in-use', message: /0x68.*dtoverlay/ })
})

t.test('the kernel’s refusals say what to do', async t => {
  const refusal = (code: string) => busError(Object.assign(new Error(code), { code }), 'i2c:1', 0x44)
  t.match(refusal('EACCES'), { code: 'hal/no-permission', message: /group i2c/ })
  t.match(refusal('ENXIO'), { code: 'hal/no-answer', details: { bus: 'i2c:1', address: '0x44' } })
  t.match(refusal('ENOTSUP'), { code: 'hal/unsupported' })
  const ours = new Error('our fault')
  t.equal(busError(ours, 'i2c:1'), ours)
})

t.test('wirings', async t => {
  t.same(parseI2cWiring('i2c:1@0x44'), { bus: 1, address: 0x44 })
  t.same(parseI2cWiring('i2c:10', 0x68), { bus: 10, address: 0x68 })
  for (const text of [
    'i2c:1',
    'i2c:1@44',
    'i2c:1@0x03',
    'i2c:1@0x78',
    'spi:1@0x44',
    'i2c:1@0x44 ',
    'i2c:123@0x44',
  ])
    t.throws(() => parseI2cWiring(text), { code: 'config/bad-value' }, text)
  const random = new Random(12)
  for (let i = 0; i < 100_000; i++) {
    const text = `i2c:${Array.from({ length: random.below(9) }, () => '01@x4f: '[random.below(8)]).join('')}`
    try {
      const { address } = parseI2cWiring(text)
      if (address < 8 || address > 0x77) t.fail(text)
    } catch (cause) {
      if ((cause as { code?: string }).code !== 'config/bad-value') t.fail(text, { cause })
    }
  }
})
