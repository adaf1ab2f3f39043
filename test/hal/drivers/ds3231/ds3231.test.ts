import t from 'tap'
import { decodeTemperature, decodeTime, encodeTime, REGISTER } from '../../../../hal/drivers/ds3231/codec.ts'
import { DS3231_ADDRESS, Ds3231 } from '../../../../hal/drivers/ds3231/ds3231.ts'
import { Ds3231Device } from '../../../../hal/sim/ds3231-device.ts'
import { SimulatedRealTimeClock } from '../../../../hal/sim/real-time-clock.ts'
import { Random } from '../../../../src/finger/synthetic/random.ts'
import { realTimeClockContract } from '../../../contract/real-time-clock.ts'
import { i2cBench } from '../../../support/i2c-bench.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { replayI2c } from '../../../support/replay-i2c.ts'

const request = (timeoutMs = 1000) => ({ timeoutMs, signal: new AbortController().signal })
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))

function bench() {
  const parts = i2cBench()
  const device = new Ds3231Device(parts.clock)
  parts.wires.attach(DS3231_ADDRESS, device)
  return { ...parts, device, part: new Ds3231({ bus: parts.bus, clock: parts.clock }) }
}

realTimeClockContract('the driver of a DS3231', async () => {
  const { clock, device, part } = bench()
  return {
    part,
    clock,
    setSilent(silent) {
      device.silent = silent
    },
    losePower: () => device.losePower(),
  }
})

realTimeClockContract('a simulated clock', async () => {
  const clock = new ManualClock()
  const part = new SimulatedRealTimeClock(clock)
  return { part, clock, setSilent: silent => part.setSilent(silent), losePower: () => part.losePower() }
})

t.test('registers are a date, in hours of 24 and of 12', async t => {
  t.equal(decodeTime(bytesOf('58 59 23 03 29 02 28')), Date.UTC(2028, 1, 29, 23, 59, 58))
  for (const [hours, expected] of [
    ['52', 0],
    ['41', 1],
    ['51', 11],
    ['72', 12],
    ['61', 13],
    ['71', 23],
    ['00', 0],
    ['23', 23],
  ] as const)
    t.equal(decodeTime(bytesOf(`00 00 ${hours} 01 01 01 26`)), Date.UTC(2026, 0, 1, expected), hours)
})

t.test('what is no date is refused', async t => {
  for (const [problem, registers] of [
    ['all ones', 'ff ff ff ff ff ff ff'],
    ['all zeros: no day, no month', '00 00 00 00 00 00 00'],
    ['31 February', '00 00 00 01 31 02 26'],
    ['29 February 2026', '00 00 00 01 29 02 26'],
    ['month 13', '00 00 00 01 01 13 26'],
    ['60 seconds', '60 00 00 01 01 01 26'],
    ['24 hours', '00 00 24 01 01 01 26'],
    ['hour 13 of 12', '00 00 53 01 01 01 26'],
    ['hour 0 of 12', '00 00 40 01 01 01 26'],
    ['a letter', '0a 00 00 01 01 01 26'],
    ['no weekday', '00 00 00 00 01 01 26'],
    ['the next century', '00 00 00 01 01 81 26'],
    ['too short', '00 00 00 01 01 01'],
  ])
    t.equal(decodeTime(bytesOf(registers)), undefined, problem)
})

t.test('temperature is in signed quarters', async t => {
  t.equal(decodeTemperature(0x19, 0x40), 25.25)
  t.equal(decodeTemperature(0xf6, 0xc0), -9.25)
})

t.test('a conversation: the battery was empty, then the clock is set', async t => {
  const clock = new ManualClock(Date.UTC(2026, 10, 25, 8, 30, 0))
  const aheadSeconds = (Date.UTC(2000, 0, 1, 0, 0, 7) - clock.nowMs()) / 1000
  const bus = replayI2c(`
    68 > 00 < 00 00 00 01 01 01 00 00 00 00 00 00 00 00 9C 88 00 1B 40   # open
    68 > 00 < 07 00 00 01 01 01 00 00 00 00 00 00 00 00 9C 88 00 1B 40   # diagnose
    68 > 00 < 08 00 00 01 01 01 00 00 00 00 00 00 00 00 9C 88 00 1B 40   # set
    68 > 00 00 30 08 04 25 11 26
    68 > 0E 1C
    68 > 0F 08
    68 > 00 < 00 30 08 04 25 11 26 00 00 00 00 00 00 00 1C 08 00 1B 40
    68 > 00 < 02 30 08 04 25 11 26 00 00 00 00 00 00 00 1C 08 00 1B 40   # read
  `)
  const part = new Ds3231({ bus, clock })
  await clock.finish(part.open())
  t.match(await clock.finish(part.diagnose(request())), [
    { name: 'time', value: '2000-01-01T00:00:07.000Z' },
    { name: 'battery', value: /empty/ },
    { name: 'ahead of the system', value: aheadSeconds, unit: 's' },
    { name: 'temperature', value: 27.25, unit: '°C' },
  ])
  await clock.finish(part.set(clock.nowMs(), request()))
  t.same(await clock.finish(part.read(request())), {
    timeMs: Date.UTC(2026, 10, 25, 8, 30, 2),
    trusted: true,
  })
  bus.done()
})

t.test('registers that hold no date: reading says so, setting heals', async t => {
  const { clock, device, part } = bench()
  await clock.finish(part.open())
  await clock.finish(part.set(Date.UTC(2026, 0, 1), request()))
  device.write(Uint8Array.of(5, 0x42))
  await t.rejects(clock.finish(part.read(request())), { code: 'hal/bad-answer' })
  t.match(await clock.finish(part.diagnose(request())), [{ name: 'time', value: 'no date' }])
  await clock.finish(part.set(Date.UTC(2026, 0, 1), request()))
  t.ok((await clock.finish(part.read(request()))).trusted)
})

t.test('a clock that does not keep what it is set to is not believed', async t => {
  const { clock, wires, part } = bench()
  const stubborn = bytesOf('00 00 00 01 01 01 20 00 00 00 00 00 00 00 1c 08 00 1b 40')
  wires.attach(DS3231_ADDRESS, { write: () => true, read: () => stubborn })
  await clock.finish(part.open())
  await t.rejects(clock.finish(part.set(Date.UTC(2026, 0, 1), request())), { code: 'hal/bad-answer' })
})

t.test('another part at its address, and one that the kernel holds', async t => {
  const { clock, device, wires, part } = bench()
  device.registers[REGISTER.status] = 0x70
  await t.rejects(clock.finish(part.open()), { code: 'hal/wrong-part' })
  wires.heldByKernel.add(DS3231_ADDRESS)
  await t.rejects(clock.finish(part.open()), { code: 'hal/in-use' })
})

/** Goal: no registers are taken for a date that they do not say. Method: 100,000 random ones, half of them nearly right. */
t.test('100,000 random registers: a date that goes there and back, or none', async t => {
  const random = new Random(3231)
  let dates = 0
  for (let run = 0; run < 100_000; run++) {
    const registers =
      run % 2 === 0
        ? Uint8Array.from({ length: random.below(9) }, () => random.below(256))
        : encodeTime(Date.UTC(2000, 0, 1) + random.uniform() * 99 * 365.25 * 86_400_000)
    if (run % 4 === 1) registers[random.below(7)] ^= 1 << random.below(8)
    const timeMs = decodeTime(registers)
    if (timeMs === undefined) continue
    dates++
    if (decodeTime(encodeTime(timeMs)) !== timeMs) t.fail('does not go back', { timeMs })
    if (timeMs < Date.UTC(2000, 0, 1) || timeMs >= Date.UTC(2100, 0, 1))
      t.fail('out of the century', { timeMs })
  }
  t.ok(dates > 25_000)
})
