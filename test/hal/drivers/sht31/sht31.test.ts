import t from 'tap'
import { climateOf, crc8, decodeWords, encodeWords, wordsOf } from '../../../../hal/drivers/sht31/codec.ts'
import { SHT31_ADDRESS, Sht31 } from '../../../../hal/drivers/sht31/sht31.ts'
import { SimulatedClimateSensor } from '../../../../hal/sim/climate-sensor.ts'
import { Sht31Device } from '../../../../hal/sim/sht31-device.ts'
import { Random } from '../../../../src/finger/synthetic/random.ts'
import { climateSensorContract } from '../../../contract/climate-sensor.ts'
import { i2cBench } from '../../../support/i2c-bench.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { replayI2c } from '../../../support/replay-i2c.ts'

const request = (timeoutMs = 1000) => ({ timeoutMs, signal: new AbortController().signal })

function bench(seed?: number) {
  const parts = i2cBench(seed)
  const device = new Sht31Device(parts.clock)
  parts.wires.attach(SHT31_ADDRESS, device)
  return { ...parts, device, part: new Sht31({ bus: parts.bus, clock: parts.clock }) }
}

climateSensorContract('the driver of an SHT31', async () => {
  const { clock, device, part } = bench()
  return {
    part,
    clock,
    setClimate(climate) {
      device.climate = climate
    },
    setSilent(silent) {
      device.silent = silent
    },
  }
})

climateSensorContract('a simulated climate sensor', async () => {
  const clock = new ManualClock()
  const part = new SimulatedClimateSensor(clock)
  return {
    part,
    clock,
    setClimate(climate) {
      part.climate = climate
    },
    setSilent: silent => part.setSilent(silent),
  }
})

t.test('check bytes are the data sheet’s', async t => {
  t.equal(crc8(Uint8Array.of(0xbe, 0xef)), 0x92)
  t.equal(crc8(Uint8Array.of(0, 0)), 0x81)
  t.same([...encodeWords([0xbeef, 0])], [0xbe, 0xef, 0x92, 0, 0, 0x81])
  t.same(decodeWords(Uint8Array.of(0xbe, 0xef, 0x92, 0, 0, 0x81)), [0xbeef, 0])
  for (let bit = 0; bit < 48; bit++) {
    const bytes = encodeWords([0x6666, 0x8000])
    bytes[bit >> 3] ^= 1 << (bit & 7)
    t.equal(decodeWords(bytes), undefined, `bit ${bit} flipped`)
  }
  t.equal(decodeWords(Uint8Array.of(0xbe, 0xef)), undefined)
})

t.test('words are degrees and per cent, within what the part can measure', async t => {
  t.match(climateOf([0x6666, 0x8000]), { temperatureCelsius: 25 })
  t.ok(Math.abs(climateOf([0x6666, 0x8000])!.humidityPercent - 50) < 0.01)
  t.equal(climateOf([0, 0]), undefined, '-45 °C')
  t.equal(climateOf([0xffff, 0]), undefined, '130 °C')
  for (const word of [0x1000, 0x8000, 0xf000]) t.same(wordsOf(climateOf([word, word])!), [word, word])
})

t.test('a conversation: reset, status, 25 °C at 50 %', async t => {
  const bus = replayI2c(`
    44 > 30 A2                    # soft reset
    44 > F3 2D                    # status
    44 < 80 10 E1
    44 > 24 00                    # measure
    44 !                          # still at it
    44 < 66 66 93 80 00 A2
  `)
  const clock = new ManualClock()
  const part = new Sht31({ bus, clock })
  await clock.finish(part.open())
  t.same(await clock.finish(part.diagnose(request())), [
    { name: 'temperature', value: 25, unit: '°C' },
    { name: 'humidity', value: 50, unit: '%' },
  ])
  bus.done()
})

t.test(
  'wrong check bytes cost a repetition; where they never fit, the part says nothing of sense',
  async t => {
    const { clock, device, part } = bench()
    await clock.finish(part.open())
    device.spoiltAnswers = 2
    t.match(await clock.finish(part.measure(request())), { humidityPercent: Number })
    device.spoiltAnswers = 1000
    await t.rejects(clock.finish(part.measure(request())), { code: 'hal/bad-answer', message: /checksum/ })
  },
)

t.test('a temperature that the part cannot measure is none', async t => {
  const { clock, device, part } = bench()
  await clock.finish(part.open())
  device.climate = { temperatureCelsius: 129, humidityPercent: 50 }
  await t.rejects(clock.finish(part.measure(request())), { code: 'hal/bad-answer' })
})

t.test('unplugged and plugged back', async t => {
  const { clock, device, part, wires } = bench()
  await clock.finish(part.open())
  wires.detach(SHT31_ADDRESS)
  await t.rejects(clock.finish(part.measure(request())), { code: 'hal/no-answer' })
  wires.attach(SHT31_ADDRESS, device)
  t.ok(await clock.finish(part.measure(request())))
})

t.test('another part at its address', async t => {
  const { clock, wires, part } = bench()
  wires.attach(SHT31_ADDRESS, { write: () => true, read: () => new Uint8Array(6) })
  await t.rejects(clock.finish(part.open()), { code: 'hal/bad-answer' })
})

t.test('noisy wires: what is measured is right, or is not given', async t => {
  const { clock, device, part, wires } = bench(31)
  await clock.finish(part.open())
  device.climate = { temperatureCelsius: 30, humidityPercent: 60 }
  wires.setFlipRate(0.1)
  let measured = 0
  for (let time = 0; time < 300; time++) {
    const climate = await clock.finish(part.measure(request())).catch(cause => {
      if (cause.code !== 'hal/bad-answer') throw cause
    })
    if (!climate) continue
    measured++
    if (Math.abs(climate.temperatureCelsius - 30) > 0.01) t.fail('a wrong temperature', climate)
  }
  t.ok(measured > 200)
})

t.test('100,000 random answers: a climate within limits, or none', async t => {
  const random = new Random(31)
  let climates = 0
  for (let run = 0; run < 100_000; run++) {
    const bytes = Uint8Array.from({ length: random.below(10) }, () => random.below(256))
    // Half of them get right check bytes, or nearly all would end there.
    if (run % 2 === 0)
      for (let at = 0; at + 2 < bytes.length; at += 3) bytes[at + 2] = crc8(bytes.subarray(at, at + 2))
    const words = decodeWords(bytes)
    if (words === undefined || words.length < 2) continue
    const climate = climateOf(words)
    if (climate === undefined) continue
    climates++
    const { temperatureCelsius, humidityPercent } = climate
    if (!(temperatureCelsius >= -40 && temperatureCelsius <= 125)) t.fail(`${temperatureCelsius}`)
    if (!(humidityPercent >= 0 && humidityPercent <= 100)) t.fail(`${humidityPercent}`)
  }
  t.ok(climates > 5000)
})
