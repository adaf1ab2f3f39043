/**
 * Goal: the fingerprint driver and the serial transport keep their contracts on the kernel's USB serial port.
 * Method: the simulated module at the far end of the cord. Time passes in steps, at least as slowly as outside.
 */
import t from 'tap'
import { ZfmSensor } from '../../../hal/drivers/zfm/zfm.ts'
import { ZfmModule } from '../../../hal/sim/zfm-module.ts'
import { SerialLine } from '../../../hal/transport/serial.ts'
import { bytePortContract } from '../../contract/byte-port.ts'
import { diagnosableContract } from '../../contract/diagnosable.ts'
import { fingerprintSensorContract } from '../../contract/fingerprint-sensor.ts'
import { PacedClock } from '../../support/paced-clock.ts'
import { until } from '../../support/until.ts'
import { type SerialCord, serialCord } from './hands.ts'

t.setTimeout(400_000)
const PACE_MS = 50
const SETTLE_MS = 200
const settle = () => new Promise<void>(resolve => setTimeout(resolve, SETTLE_MS))
/** Any picture: nobody judges it here, and a finger takes an emulated machine seconds to draw. */
const finger = {
  widthPx: 256,
  heightPx: 288,
  resolutionDpi: 500,
  pixels: Uint8Array.from({ length: 256 * 288 }, (_, i) => i % 251),
}
const request = { timeoutMs: 5000, signal: new AbortController().signal }
let last: SerialCord | undefined
t.teardown(() => last?.pull())

async function freshCord(): Promise<SerialCord> {
  await last?.pull()
  last = serialCord()
  await last.plug()
  return last
}

async function bench() {
  const clock = new PacedClock(PACE_MS)
  const cord = await freshCord()
  const module = new ZfmModule({ line: cord.part, clock, model: 'zfm-20' })
  const sensor = new ZfmSensor({ port: new SerialLine({ path: cord.path }), clock, model: 'zfm-20' })
  return {
    clock,
    cord,
    module,
    sensor,
    setFinger(present: boolean) {
      module.finger = present ? finger : undefined
    },
    setSilent(silent: boolean) {
      module.silent = silent
    },
  }
}

bytePortContract('a USB serial port', async () => {
  const cord = await freshCord()
  return {
    port: new SerialLine({ path: cord.path, baudRate: 57_600 }),
    heard: () => cord.heard,
    say: bytes => cord.part.write(bytes),
    until,
    settle,
    async cut() {
      await cord.pull()
      await settle()
    },
    mend: () => cord.plug(),
  }
})
fingerprintSensorContract('the driver of a ZFM-20 on a USB serial port', bench)
diagnosableContract('the driver of a ZFM-20 on a USB serial port', async () => {
  const parts = await bench()
  return { ...parts, part: parts.sensor }
})

t.test('the cord is pulled during an image, and plugged back', async t => {
  const { clock, cord, sensor, setFinger } = await bench()
  await clock.finish(sensor.open())
  setFinger(true)
  const rejected = t.rejects(sensor.capture(request), { code: 'hal/no-answer' })
  await clock.advance(100)
  await cord.pull()
  await clock.finish(rejected)
  await t.rejects(clock.finish(sensor.capture(request)), { code: 'hal/no-answer' })
  await cord.plug()
  t.ok(await clock.finish(sensor.capture(request)))
  await sensor.close()
})
