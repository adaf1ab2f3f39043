/**
 * Goal: the driver keeps the sensor's contract over real sockets, and finds a service that starts anew.
 * Method: a simulated service on a free port of this machine. Time passes in steps, at least as slowly as outside.
 */
import t from 'tap'
import { SbiSensor } from '../../../../hal/drivers/sbi/sbi.ts'
import { SbiService } from '../../../../hal/sim/sbi-service.ts'
import { tcpLoopback } from '../../../../hal/transport/loopback.ts'
import { type ServedSbi, serveSbi } from '../../../../scripts/sbi/serve-sbi.ts'
import { diagnosableContract } from '../../../contract/diagnosable.ts'
import { fingerprintSensorContract } from '../../../contract/fingerprint-sensor.ts'
import { PacedClock } from '../../../support/paced-clock.ts'
import { anchors, deviceKeys, somebody } from '../../../support/sbi-bench.ts'

t.setTimeout(300_000)
const keys = await deviceKeys()
const served: ServedSbi[] = []
t.teardown(async () => {
  for (const service of served) await service.close()
})

async function bench() {
  const clock = new PacedClock()
  const service = new SbiService({ clock, keys })
  const serving = await serveSbi(service, 0)
  served.push(serving)
  const { port } = serving
  const sensor = new SbiSensor({
    loopback: tcpLoopback,
    clock,
    ports: { min: port, max: port },
    anchors: async () => anchors(keys.roots),
    newTransactionId: () => crypto.randomUUID(),
    env: 'Developer',
  })
  return { clock, service, sensor, serving }
}

const hands = (service: SbiService) => ({
  setFinger(present: boolean) {
    service.citizen = present ? somebody : undefined
  },
  setSilent(silent: boolean) {
    service.silent = silent
  },
})

fingerprintSensorContract('the driver of a device service on this machine', async () => {
  const { clock, sensor, service } = await bench()
  return { sensor, clock, ...hands(service) }
})

diagnosableContract('the driver of a device service on this machine', async () => {
  const { clock, sensor, service } = await bench()
  return { part: sensor, clock, ...hands(service) }
})

t.test('the service dies in the middle of a capture, and starts anew', async t => {
  const { clock, sensor, service, serving } = await bench()
  await clock.finish(sensor.open())
  const request = { timeoutMs: 5000, signal: new AbortController().signal }
  const capture = sensor.capture(request)
  const rejected = t.rejects(capture, { code: 'hal/no-answer' })
  await clock.advance(200)
  await serving.close()
  await clock.finish(rejected)
  await t.rejects(clock.finish(sensor.capture(request)), { code: 'hal/no-answer' })
  served.push(await serveSbi(service, serving.port))
  service.citizen = somebody
  t.ok(await clock.finish(sensor.capture(request)))
  let images = 0
  await clock.finish(sensor.preview({ timeoutMs: 1000, signal: request.signal, onImage: () => images++ }))
  t.ok(images >= 3)
  await sensor.close()
})
