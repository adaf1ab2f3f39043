import t from 'tap'
import { citizenOfFrames, simulatedCitizen } from '../../../hal/sim/citizen.ts'
import { SimulatedFingerprintSensor } from '../../../hal/sim/fingerprint-sensor.ts'
import type { Frame } from '../../../src/finger/image/frame.ts'
import { fingerprintSensorContract } from '../../contract/fingerprint-sensor.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const plainFrame = (grey: number): Frame => ({
  widthPx: 2,
  heightPx: 1,
  resolutionDpi: 500,
  pixels: Uint8Array.of(grey, grey),
})
const somebody = citizenOfFrames(new Map([[2, [plainFrame(1), plainFrame(2)]]]))

for (const previewHz of [0, 5])
  fingerprintSensorContract(`the simulated sensor, ${previewHz} live images a second`, async () => {
    const clock = new ManualClock()
    const sensor = new SimulatedFingerprintSensor({ clock, previewHz })
    return {
      sensor,
      clock,
      setFinger: present => sensor.present(present ? somebody : undefined),
      setSilent: silent => sensor.setSilent(silent),
    }
  })

const request = (position: number) => ({ timeoutMs: 5000, signal: new AbortController().signal, position })

t.test('each placement of a finger shows the next image, and the last one again', async t => {
  const clock = new ManualClock()
  const sensor = new SimulatedFingerprintSensor({ clock, citizen: somebody })
  await sensor.open()
  const greys: number[] = []
  for (let i = 0; i < 3; i++) greys.push((await clock.finish(sensor.capture(request(2)))).pixels[0])
  t.same(greys, [1, 2, 2])
  await t.rejects(clock.finish(sensor.capture(request(3))), { code: 'hal/no-finger' })
  sensor.present(somebody)
  t.equal((await clock.finish(sensor.capture(request(2)))).pixels[0], 1, 'the next person starts afresh')
})

t.test('a finger is felt before it is read, and live images show it then', async t => {
  const clock = new ManualClock()
  const sensor = new SimulatedFingerprintSensor({
    clock,
    citizen: simulatedCitizen(1),
    readingMs: 300,
    previewHz: 10,
  })
  t.equal(sensor.info.previewHz, 10)
  await sensor.open()
  const images: Uint8Array[] = []
  const stop = new AbortController()
  const preview = sensor.preview!({
    timeoutMs: 5000,
    signal: stop.signal,
    onImage: jpeg => images.push(jpeg),
  })
  await t.rejects(sensor.preview!({ timeoutMs: 1, signal: stop.signal, onImage() {} }), { code: 'hal/busy' })
  let feltMs: number | undefined
  const onContact = () => {
    feltMs = clock.monotonicMs()
  }
  const capture = sensor.capture({ ...request(2), onContact })
  await clock.finish(capture)
  t.equal(feltMs, 400)
  t.ok(images.length >= 5, 'ten a second')
  t.same(images[0], images[1], 'an empty glass')
  t.ok(
    images.some(image => image.length !== images[0].length),
    'and a finger on it',
  )
  stop.abort(new Error('seen enough'))
  await t.rejects(preview, /seen enough/)
  t.equal(new SimulatedFingerprintSensor({ clock }).preview, undefined, 'most parts have none')
})

t.test('a pulled cord ends a capture at once, and plugging back brings the part back', async t => {
  const clock = new ManualClock()
  const sensor = new SimulatedFingerprintSensor({ clock, citizen: somebody })
  await sensor.open()
  const capture = sensor.capture(request(2))
  await clock.advance(100)
  sensor.unplug()
  await t.rejects(capture, { code: 'hal/no-answer' })
  t.equal(clock.monotonicMs(), 100)
  await t.rejects(sensor.capture(request(2)), { code: 'hal/no-answer' })
  await t.rejects(sensor.open(), { code: 'hal/no-answer' })
  sensor.plug()
  t.ok(await clock.finish(sensor.capture(request(2))))
})

t.test('a finger that comes too late is none; one that is read too slowly is no answer', async t => {
  const clock = new ManualClock()
  const late = new SimulatedFingerprintSensor({ clock, citizen: somebody, placingMs: 6000 })
  await late.open()
  await t.rejects(clock.finish(late.capture(request(2))), { code: 'hal/no-finger' })
  const slow = new SimulatedFingerprintSensor({ clock, citizen: somebody, readingMs: 6000 })
  await slow.open()
  await t.rejects(clock.finish(slow.capture(request(2))), { code: 'hal/no-answer' })
})

t.test('a simulated citizen is the same person each time, and no two impressions are the same', async t => {
  const bytes = (frame?: Frame) => Buffer.from(frame?.pixels ?? [])
  const citizen = simulatedCitizen(7, { missing: [3] })
  const first = bytes(citizen.place(1, 0))
  t.equal(first.length, 300 * 400)
  t.ok(first.equals(bytes(simulatedCitizen(7).place(1, 0))))
  const others = [
    citizen.place(1, 1),
    citizen.place(2, 0),
    simulatedCitizen(7, { visit: 1 }).place(1, 0),
    simulatedCitizen(8).place(1, 0),
  ]
  for (const other of others) t.notOk(first.equals(bytes(other)))
  t.equal(citizen.place(3, 0), undefined)
})

t.test('a poor first placement is followed by a sound one', async t => {
  const citizen = simulatedCitizen(7, { poorFirst: 'blank-platen' })
  const dark = (placement: number) => citizen.place(4, placement)!.pixels.filter(grey => grey < 150).length
  t.equal(dark(0), 0)
  t.ok(dark(1) > 10_000)
})
