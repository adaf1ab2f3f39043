import t from 'tap'
import type { FingerprintSensor } from '../../hal/ports/fingerprint-sensor.ts'
import type { ManualClock } from '../support/manual-clock.ts'

/** A sensor and the hands of the test: what a person and a cord do to it. */
export interface SensorUnderTest {
  readonly sensor: FingerprintSensor
  readonly clock: ManualClock
  /** A finger will be placed for every capture from now on, or none. */
  setFinger(present: boolean): void
  /** The part stops answering, or answers again. */
  setSilent(silent: boolean): void
}

const TIMEOUT_MS = 5000
const request = (signal = new AbortController().signal) => ({ timeoutMs: TIMEOUT_MS, signal, position: 2 })

/** The contract of `hal/ports/fingerprint-sensor.ts`, one test a line of it. `make` gives a part that was not opened. */
export function fingerprintSensorContract(name: string, make: () => Promise<SensorUnderTest>): void {
  const opened = async () => {
    const part = await make()
    await ending(part, part.sensor.open())
    part.setFinger(true)
    return part
  }
  t.test(`${name} keeps the contract of a fingerprint sensor`, async t => {
    t.test('its facts can be read before it is open', async t => {
      const { info } = (await make()).sensor
      t.ok(info.model.length > 0)
      t.ok(info.widthPx > 0 && info.heightPx > 0)
      t.ok(info.resolutionDpi >= 250 && info.resolutionDpi <= 1000)
      t.ok(info.previewHz >= 0 && info.previewHz <= 60)
      t.type(info.slap, 'boolean')
      t.match(info.presentationAttackDetection, /^(none|claimed|certified)$/)
    })

    t.test('before it is open, calls reject', async t => {
      const { sensor } = await make()
      await t.rejects(sensor.capture(request()), { code: 'hal/not-open' })
    })

    t.test('a capture gives a frame of its own size', async t => {
      const part = await opened()
      const frame = await ending(part, part.sensor.capture(request()))
      t.equal(frame.pixels.length, frame.widthPx * frame.heightPx)
      t.equal(frame.resolutionDpi, part.sensor.info.resolutionDpi)
      await part.sensor.close()
    })

    t.test('the position is a hint that may be left out', async t => {
      const part = await opened()
      const { signal } = new AbortController()
      t.ok(await ending(part, part.sensor.capture({ timeoutMs: TIMEOUT_MS, signal })))
      await part.sensor.close()
    })

    t.test(
      'a finger is felt once at most, before its frame is there, and none where there is none',
      async t => {
        const part = await opened()
        let felt = 0
        let isDone = false
        const onContact = () => {
          felt++
          t.notOk(isDone, 'before the frame')
        }
        await ending(part, part.sensor.capture({ ...request(), onContact }))
        isDone = true
        await part.clock.advance(TIMEOUT_MS)
        t.ok(felt <= 1)
        part.setFinger(false)
        const feltBefore = felt
        isDone = false
        await t.rejects(ending(part, part.sensor.capture({ ...request(), onContact })), {
          code: 'hal/no-finger',
        })
        t.equal(felt, feltBefore)
        await part.sensor.close()
      },
    )

    t.test('a second capture rejects at once and does not disturb the first', async t => {
      const part = await opened()
      const first = part.sensor.capture(request())
      await t.rejects(part.sensor.capture(request()), { code: 'hal/busy' })
      t.ok(await ending(part, first))
      t.ok(await ending(part, part.sensor.capture(request())), 'and afterwards it is free')
      await part.sensor.close()
    })

    for (const [what, code] of [
      ['without a finger', 'hal/no-finger'],
      ['with a silent part', 'hal/no-answer'],
    ] as const) {
      t.test(`${what} a capture ends in time, and the next one works`, async t => {
        const part = await opened()
        if (code === 'hal/no-finger') part.setFinger(false)
        else part.setSilent(true)
        const startMs = part.clock.monotonicMs()
        const capture = part.sensor.capture(request())
        await t.rejects(ending(part, capture), { code })
        t.ok(part.clock.monotonicMs() - startMs <= TIMEOUT_MS, 'within its time-out')
        part.setFinger(true)
        part.setSilent(false)
        t.ok(await ending(part, part.sensor.capture(request())))
        await part.sensor.close()
      })
    }

    t.test(
      'live images where it has any: each a JPEG, while it captures too, until the time is over',
      async t => {
        const part = await opened()
        const { sensor } = part
        t.equal(sensor.preview !== undefined, sensor.info.previewHz > 0)
        if (sensor.preview !== undefined) {
          const images: Uint8Array[] = []
          const onImage = (jpeg: Uint8Array) => images.push(jpeg)
          const watching = sensor.preview({ ...request(), onImage })
          await part.clock.advance(1000)
          t.ok(images.length > 0)
          await t.rejects(sensor.preview({ ...request(), onImage }), { code: 'hal/busy' })
          t.ok(await ending(part, sensor.capture(request())))
          await ending(part, watching)
          for (const image of images) t.same([...image.subarray(0, 3)], [0xff, 0xd8, 0xff])
          const reason = new Error('the citizen left')
          const stopped = sensor.preview({ ...request(AbortSignal.abort(reason)), onImage })
          await t.rejects(ending(part, stopped), reason)
        }
        await sensor.close()
        if (sensor.preview !== undefined)
          await t.rejects(sensor.preview({ ...request(), onImage() {} }), { code: 'hal/not-open' })
      },
    )

    t.test('a signal stops a capture early, with its reason, and frees the part', async t => {
      const part = await opened()
      part.setFinger(false)
      const reason = new Error('the citizen left')
      await t.rejects(part.sensor.capture(request(AbortSignal.abort(reason))), reason)
      const stop = new AbortController()
      const startMs = part.clock.monotonicMs()
      const capture = part.sensor.capture(request(stop.signal))
      await part.clock.advance(10)
      stop.abort(reason)
      await t.rejects(ending(part, capture), reason)
      t.ok(part.clock.monotonicMs() - startMs < TIMEOUT_MS / 2, 'early')
      part.setFinger(true)
      t.ok(await ending(part, part.sensor.capture(request())))
      await part.sensor.close()
    })

    t.test('close may be called twice, ends what runs, and leaves the part unusable', async t => {
      const part = await opened()
      part.setFinger(false)
      const capture = part.sensor.capture(request())
      const rejected = t.rejects(capture, { code: 'hal/not-open' })
      await part.clock.advance(10)
      await ending(part, part.sensor.close())
      await rejected
      await part.sensor.close()
      await t.rejects(part.sensor.capture(request()), { code: 'hal/not-open' })
      await t.rejects(part.sensor.open(), { code: 'hal/not-open' })
      await part.clock.advance(2 * TIMEOUT_MS)
      t.equal(part.clock.sleeping, 0, 'and nothing is left waiting')
    })
  })
}

function ending<T>(part: SensorUnderTest, call: Promise<T>): Promise<T> {
  return part.clock.finish(call, { limitMs: 2 * TIMEOUT_MS })
}
