import t from 'tap'
import { COMMAND } from '../../../../hal/drivers/zfm/commands.ts'
import { type ZfmModel, type ZfmOptions, ZfmSensor, zfmModels } from '../../../../hal/drivers/zfm/zfm.ts'
import { Duplex } from '../../../../hal/sim/duplex.ts'
import { SimulatedGpio } from '../../../../hal/sim/gpio-lines.ts'
import { ZfmModule } from '../../../../hal/sim/zfm-module.ts'
import type { Frame } from '../../../../src/finger/image/frame.ts'
import { diagnosableContract } from '../../../contract/diagnosable.ts'
import { fingerprintSensorContract } from '../../../contract/fingerprint-sensor.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

/** A slope in both directions, so that a shifted or turned image shows. */
const finger: Frame = {
  widthPx: 300,
  heightPx: 400,
  resolutionDpi: 500,
  pixels: Uint8Array.from({ length: 300 * 400 }, (_, i) => ((i % 300) + Math.floor(i / 300)) & 0xff),
}

function bench(options: Partial<ZfmOptions> & { modulePassword?: number; packetBytes?: 32 | 256 } = {}) {
  const clock = new ManualClock()
  const line = new Duplex(clock)
  const model: ZfmModel = options.model ?? 'r503'
  const { modulePassword: password, packetBytes } = options
  const module = new ZfmModule({ line: line.part, clock, model, password, packetBytes: packetBytes ?? 128 })
  const sensor = new ZfmSensor({ port: line.host, clock, ...options, model })
  return { clock, line, module, sensor }
}

const request = (timeoutMs = 10_000) => ({ timeoutMs, signal: new AbortController().signal })

for (const model of Object.keys(zfmModels) as ZfmModel[]) {
  fingerprintSensorContract(`the driver of a ${model}`, async () => {
    const { clock, module, sensor } = bench({ model, baudRate: 115_200 })
    return {
      sensor,
      clock,
      setFinger(present) {
        module.finger = present ? finger : undefined
      },
      setSilent(silent) {
        module.silent = silent
      },
    }
  })
}

diagnosableContract('the driver of a zfm-20', async () => {
  const { clock, module, sensor } = bench({ model: 'zfm-20' })
  return {
    part: sensor,
    clock,
    setSilent(silent) {
      module.silent = silent
    },
  }
})

async function opened(options: Parameters<typeof bench>[0] = {}) {
  const parts = bench(options)
  await parts.clock.finish(parts.sensor.open())
  parts.module.finger = finger
  return parts
}

function isFinger(frame: Frame): boolean {
  const left = Math.floor((finger.widthPx - frame.widthPx) / 2)
  const top = Math.floor((finger.heightPx - frame.heightPx) / 2)
  return frame.pixels.every((grey, i) => {
    const x = left + (i % frame.widthPx)
    const y = top + Math.floor(i / frame.widthPx)
    return grey === (finger.pixels[y * finger.widthPx + x] >> 4) * 17
  })
}

t.test('the image is what lies on the platen, in sixteen greys', async t => {
  for (const packetBytes of [32, 256] as const) {
    const { clock, sensor } = await opened({ packetBytes })
    const frame = await clock.finish(sensor.capture(request()))
    t.match(frame, { widthPx: 192, heightPx: 192, resolutionDpi: 508 })
    t.ok(isFinger(frame))
    t.ok(clock.monotonicMs() > 3000, 'at 57,600 baud it takes its time')
  }
})

t.test('a finger is felt long before its image has come over the line', async t => {
  const { sensor, clock } = await opened()
  let feltMs = Number.POSITIVE_INFINITY
  const onContact = () => {
    feltMs = clock.monotonicMs()
  }
  await clock.finish(sensor.capture({ ...request(), onContact }))
  t.ok(clock.monotonicMs() - feltMs > 1000, `${clock.monotonicMs() - feltMs} ms`)
})

t.test('spoilt packets cost a repetition, not the image', async t => {
  const { clock, module, sensor } = await opened()
  module.spoiltPackets = 2
  t.ok(isFinger(await clock.finish(sensor.capture(request(20_000)))))
  t.equal(module.heard.filter(command => command === COMMAND.upImage).length, 2)
})

t.test('where every packet is spoilt, the capture says so in time', async t => {
  const { clock, module, sensor } = await opened()
  module.spoiltPackets = Number.POSITIVE_INFINITY
  await t.rejects(clock.finish(sensor.capture(request(20_000))), { code: 'hal/no-answer' })
  t.ok(clock.monotonicMs() < 21_000)
})

t.test('noise between packets does no harm', async t => {
  const { clock, module, sensor } = await opened()
  module.noise = Uint8Array.of(0xef, 0x01, 0x55, 0xef)
  t.ok(isFinger(await clock.finish(sensor.capture(request()))))
})

t.test('a cord pulled during an image: no answer soon; plugged back, the next capture works', async t => {
  const { clock, line, sensor } = await opened()
  const capture = sensor.capture(request())
  await clock.advance(1500)
  line.cut()
  await t.rejects(clock.finish(capture), { code: 'hal/no-answer' })
  t.ok(clock.monotonicMs() < 5000)
  await t.rejects(clock.finish(sensor.capture(request())), { code: 'hal/no-answer' })
  line.mend()
  t.ok(isFinger(await clock.finish(sensor.capture(request()))))
})

t.test('an image that nobody waits for any more is not taken for the next answer', async t => {
  const { clock, sensor } = await opened()
  for (const abortAtMs of [5, 200, 400, 1500, 3000]) {
    const stop = new AbortController()
    const capture = sensor.capture({ timeoutMs: 10_000, signal: stop.signal })
    await clock.advance(abortAtMs)
    stop.abort(new Error('left'))
    await t.rejects(clock.finish(capture), { message: 'left' })
    t.ok(isFinger(await clock.finish(sensor.capture(request(20_000)))), `aborted after ${abortAtMs} ms`)
  }
})

t.test('the module is found at whatever rate it was left at, and brought to ours once', async t => {
  const { clock, line, module, sensor } = bench({ baudRate: 115_200 })
  line.part.baudRate = 9600
  await clock.finish(sensor.open())
  t.equal(line.part.baudRate, 115_200)
  module.finger = finger
  t.ok(isFinger(await clock.finish(sensor.capture(request()))))
  t.equal(module.heard.filter(command => command === COMMAND.setSysPara).length, 1)
})

t.test('a password is given; a wrong one is another part', async t => {
  const right = bench({ password: 0xcafe, modulePassword: 0xcafe })
  await right.clock.finish(right.sensor.open())
  const wrong = bench({ password: 1, modulePassword: 0xcafe })
  await t.rejects(wrong.clock.finish(wrong.sensor.open()), { code: 'hal/wrong-part' })
})

t.test('a module that lost its power is told the password again', async t => {
  const { clock, module, sensor } = await opened({ password: 7, modulePassword: 7 })
  module.powerCycle()
  t.ok(isFinger(await clock.finish(sensor.capture(request()))))
})

t.test('an absent module: open says no answer, and may be tried again', async t => {
  const { clock, module, sensor } = bench()
  module.silent = true
  await t.rejects(clock.finish(sensor.open()), { code: 'hal/no-answer' })
  module.silent = false
  await clock.finish(sensor.open())
})

t.test('a finger that comes while it is waited for is taken', async t => {
  const { clock, module, sensor } = await opened()
  module.finger = undefined
  const capture = sensor.capture(request())
  await clock.advance(2000)
  module.finger = finger
  t.ok(isFinger(await clock.finish(capture)))
})

t.test('with its wake line, an empty platen is left in peace, and a finger is noticed at once', async t => {
  const lines = new SimulatedGpio()
  lines.set('chip:4', 1)
  const wake = lines.input('chip:4', { activeLow: true })
  const { clock, module, sensor } = await opened({ wake })
  module.finger = undefined
  const capture = sensor.capture(request())
  await clock.advance(3000)
  const asked = () => module.heard.filter(command => command === COMMAND.genImg).length
  t.ok(asked() < 10, 'three times a second, not ten')
  const before = asked()
  module.finger = finger
  lines.set('chip:4', 0)
  await clock.advance(50)
  t.ok(asked() > before)
  t.ok(isFinger(await clock.finish(capture)))
  t.match(await clock.finish(sensor.diagnose(request())), [{}, {}, {}, { name: 'wake line', value: true }])
  await sensor.close()
  t.equal(clock.sleeping, 0)
})

t.test('a wake line that is not there costs nothing but questions', async t => {
  const lines = new SimulatedGpio()
  lines.setFault('chip:4', 'gone')
  const { clock, module, sensor } = await opened({ wake: lines.input('chip:4', { activeLow: true }) })
  module.finger = undefined
  const capture = sensor.capture(request())
  await clock.advance(1000)
  module.finger = finger
  t.ok(isFinger(await clock.finish(capture)))
  const readings = await clock.finish(sensor.diagnose(request()))
  t.match(readings, [{}, {}, {}, { name: 'wake line', value: 'cannot be read' }])
})
