/**
 * Goal: the driver keeps the sensor's contract over a real serial port, and survives what happens to its cord.
 * Method: the simulated module at the other end of a terminal of the kernel. Time passes in steps, at least as
 * slowly as outside.
 */
import t from 'tap'
import { ZfmSensor } from '../../../../hal/drivers/zfm/zfm.ts'
import { simulatedCitizen } from '../../../../hal/sim/citizen.ts'
import { ZfmModule } from '../../../../hal/sim/zfm-module.ts'
import { SerialLine } from '../../../../hal/transport/serial.ts'
import { diagnosableContract } from '../../../contract/diagnosable.ts'
import { fingerprintSensorContract } from '../../../contract/fingerprint-sensor.ts'
import { PacedClock } from '../../../support/paced-clock.ts'
import { ptyLine } from '../../../support/pty-line.ts'

t.setTimeout(300_000)
const lines: { close(): Promise<void> }[] = []
t.teardown(async () => {
  for (const line of lines) await line.close()
})
const finger = simulatedCitizen(7).place(2, 0)

async function bench() {
  const clock = new PacedClock()
  const line = await ptyLine()
  lines.push(line)
  const module = new ZfmModule({ line: line.part, clock, model: 'r503' })
  const sensor = new ZfmSensor({ port: new SerialLine({ path: line.path }), clock, model: 'r503' })
  return { clock, line, module, sensor }
}

const hands = (module: ZfmModule) => ({
  setFinger(present: boolean) {
    module.finger = present ? finger : undefined
  },
  setSilent(silent: boolean) {
    module.silent = silent
  },
})

fingerprintSensorContract('the driver of an r503 on a serial port', async () => {
  const { clock, module, sensor } = await bench()
  return { sensor, clock, ...hands(module) }
})

diagnosableContract('the driver of an r503 on a serial port', async () => {
  const { clock, module, sensor } = await bench()
  return { part: sensor, clock, ...hands(module) }
})

const request = { timeoutMs: 5000, signal: new AbortController().signal }

t.test('the cord is pulled during an image, and plugged back', async t => {
  const { clock, line, module, sensor } = await bench()
  await clock.finish(sensor.open())
  module.finger = finger
  const capture = sensor.capture(request)
  const rejected = t.rejects(capture, { code: 'hal/no-answer' })
  await clock.advance(100)
  await line.cut()
  await clock.finish(rejected)
  await t.rejects(clock.finish(sensor.capture(request)), { code: 'hal/no-answer' })
  await line.mend()
  t.ok(await clock.finish(sensor.capture(request)))
  await sensor.close()
})
