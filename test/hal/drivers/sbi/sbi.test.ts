import t from 'tap'
import { recertified } from '../../../../hal/sim/device-certificates.ts'
import { jpeg2000Record, recordWith } from '../../../../hal/sim/finger-records.ts'
import { decodeFir } from '../../../../src/finger/image/decode-fir.ts'
import type { FirView } from '../../../../src/finger/image/fir.ts'
import { diagnosableContract } from '../../../contract/diagnosable.ts'
import { fingerprintSensorContract } from '../../../contract/fingerprint-sensor.ts'
import { writeWsq } from '../../../finger/image/wsq-writer.ts'
import { PacedClock } from '../../../support/paced-clock.ts'
import {
  deviceKeys,
  finger,
  isFinger,
  openedBench,
  PORT,
  request,
  sbiBench,
  somebody,
} from '../../../support/sbi-bench.ts'

await deviceKeys()

for (const slap of [false, true]) {
  const name = `the driver of a device service with a ${slap ? 'four-finger' : 'single-finger'} scanner`
  fingerprintSensorContract(name, async () => {
    const { clock, sensor, service } = await sbiBench({ slap })
    return {
      sensor,
      clock,
      setFinger(present) {
        service.citizen = present ? somebody : undefined
      },
      setSilent(silent) {
        service.silent = silent
      },
    }
  })
}

diagnosableContract('the driver of a device service', async () => {
  const { clock, sensor, service } = await sbiBench()
  return {
    part: sensor,
    clock,
    setSilent(silent) {
      service.silent = silent
    },
  }
})

t.test('the image is what lies on the platen, to the grey level: lossless JPEG 2000', async t => {
  for (const certification of ['L0', 'L1'] as const) {
    const { clock, sensor } = await openedBench({
      certification,
      record: jpeg2000Record,
      clock: new PacedClock(),
    })
    const frame = await clock.finish(sensor.capture(request()))
    t.match(frame, { widthPx: 120, heightPx: 150, resolutionDpi: 500 })
    t.ok(isFinger(frame), certification)
  }
})

t.test('WSQ, PNG and plain pixels too; what holds no image, or several, is a bad answer', async t => {
  const wsq = async (view: FirView) =>
    recordWith(view, 'wsq', writeWsq(view.frame, { binWidth: 40, ppi: 500 }))
  const { clock, sensor, service } = await openedBench({ record: wsq })
  const lossy = await clock.finish(sensor.capture(request()))
  const [{ frame: expected }] = await decodeFir(
    await wsq({ position: 2, impression: 0, quality: 1, frame: finger }),
  )
  t.same(lossy, expected)
  service.beforeSigning = data => {
    data.bioValue = Buffer.from('no record').toString('base64url')
  }
  service.afterSigning = () => {}
  await t.rejects(clock.finish(sensor.capture(request())), {
    code: 'hal/untrusted',
    details: { fault: 'hash' },
  })
  const broken = await openedBench({ record: async () => new Uint8Array(Buffer.from('FIR\x020\0, it says')) })
  await t.rejects(broken.clock.finish(broken.sensor.capture(request())), {
    code: 'hal/bad-answer',
    details: { image: /image\/unreadable/ },
  })
})

t.test('its facts: nominal before, its own once it is open and has taken an image', async t => {
  const { clock, sensor, service } = await sbiBench({ slap: true, presentationAttackDetection: 'certified' })
  t.match(sensor.info, {
    model: 'MOSIP SBI scanner',
    resolutionDpi: 500,
    presentationAttackDetection: 'certified',
  })
  await clock.finish(sensor.open())
  t.match(sensor.info, { model: 'Tunggal SIM-4', slap: true, previewHz: 3 })
  service.citizen = somebody
  await clock.finish(sensor.capture(request()))
  t.match(sensor.info, { widthPx: 120, heightPx: 150 })
})

t.test('a technician sees who it is, and for how long its key is good', async t => {
  const { clock, sensor, service, keys } = await openedBench()
  t.same(await clock.finish(sensor.diagnose(request())), [
    { name: 'model', value: 'Tunggal SIM-1' },
    { name: 'serial number', value: 'SIM000000001' },
    { name: 'certification', value: 'L1' },
    { name: 'status', value: 'Ready' },
    { name: 'firmware', value: '1.0.0' },
    { name: 'key valid for', value: 30, unit: 'd' },
  ])
  const endsSoon = { fromMs: clock.nowMs() - 1000, toMs: clock.nowMs() + 40 * 3_600_000 }
  const { device, provider } = keys
  service.keys = { ...keys, device: recertified(device, { validity: endsSoon, issuer: provider, ca: false }) }
  const readings = await clock.finish(sensor.diagnose(request()))
  t.match(readings.at(-1), { value: 1, remedy: /renews the key/ })
})

t.test('what is asked of the service: one finger, by name, with time to answer', async t => {
  const single = await openedBench({ requestedScore: 55 })
  await single.clock.finish(single.sensor.capture(request(10_000, 7)))
  t.match(single.service.heard.at(-1), {
    verb: 'RCAPTURE',
    path: '/capture',
    body: {
      env: 'Developer',
      purpose: 'Registration',
      specVersion: '1.0.0',
      timeout: /^(8\d\d\d|9000)$/,
      captureTime: '2026-01-01T00:00:00Z',
      transactionId: 'transaction-1',
      bio: [
        {
          type: 'Finger',
          count: '1',
          bioSubType: ['Left IndexFinger'],
          exception: [],
          requestedScore: '55',
          deviceId: 'sim-1',
          deviceSubId: '0',
          previousHash: 'E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855',
        },
      ],
    },
  })
  const slap = await openedBench({ slap: true })
  await slap.clock.finish(slap.sensor.capture(request(10_000, 4)))
  t.match(slap.service.heard.at(-1)?.body, {
    bio: [
      {
        bioSubType: ['Right RingFinger'],
        deviceSubId: '2',
        exception: ['Right IndexFinger', 'Right MiddleFinger', 'Right LittleFinger'],
      },
    ],
  })
  await slap.clock.finish(slap.sensor.capture(request(10_000, 1)))
  t.match(slap.service.heard.at(-1)?.body, { bio: [{ deviceSubId: '3', exception: ['Left Thumb'] }] })
})

t.test('captures form a chain; one that does not follow is refused, and the chain goes on', async t => {
  const { clock, sensor, service } = await openedBench()
  for (let i = 0; i < 3; i++) await clock.finish(sensor.capture(request()))
  const links = service.heard.flatMap(({ body }) =>
    Array.isArray(body.bio) ? [(body.bio[0] as { previousHash: string }).previousHash] : [],
  )
  t.equal(new Set(links).size, 3, 'each names another before it')
  service.afterSigning = biometric => {
    biometric.hash = links[0]
  }
  await t.rejects(clock.finish(sensor.capture(request())), {
    code: 'hal/untrusted',
    details: { fault: 'hash' },
  })
  service.afterSigning = () => {}
  t.ok(isFinger(await clock.finish(sensor.capture(request()))))
})

t.test('a scanner that does not fit the board says why', async t => {
  const other = await sbiBench({ serialNo: 'ABC000000001' })
  await t.rejects(other.clock.finish(other.sensor.open()), { code: 'hal/wrong-part', message: /serialNo/ })
  const right = await sbiBench({ serialNo: 'SIM000000001' })
  await t.resolves(right.clock.finish(right.sensor.open()))
  const production = await sbiBench({ env: 'Production' })
  const { clock, sensor } = production
  await t.rejects(clock.finish(sensor.open()), {
    code: 'hal/wrong-part',
    message: /for Developer.*Production/,
  })
  const auth = await sbiBench({ purpose: 'Auth' })
  await t.rejects(auth.clock.finish(auth.sensor.open()), { code: 'hal/unsupported', message: /Registration/ })
  for (const [status, code] of [
    ['Not Registered', 'hal/not-registered'],
    ['Not Ready', 'hal/not-ready'],
  ] as const) {
    const { clock, sensor, service } = await sbiBench()
    service.status = status
    await t.rejects(clock.finish(sensor.open()), { code }, status)
    service.status = 'Ready'
    await t.resolves(clock.finish(sensor.open()), `${status}, and then ready`)
    service.status = status
    await t.rejects(clock.finish(sensor.diagnose(request())), { code }, status)
  }
})

t.test('a busy scanner is asked again until it is free', async t => {
  const { clock, sensor, service } = await openedBench()
  service.status = 'Busy'
  const capture = sensor.capture(request())
  await clock.advance(2000)
  service.status = 'Ready'
  t.ok(isFinger(await clock.finish(capture)))
  service.status = 'Busy'
  await t.rejects(clock.finish(sensor.capture(request(3000))), { code: 'hal/busy' })
  t.match(await clock.finish(sensor.diagnose(request())), [
    {},
    {},
    {},
    { name: 'status', value: 'Busy' },
    {},
    {},
  ])
})

t.test('a service that starts anew, on another port, is found again', async t => {
  const { clock, loopback, sensor, service, listen } = await openedBench()
  t.ok(await clock.finish(sensor.capture(request())))
  const capture = sensor.capture(request())
  service.citizen = undefined
  loopback.unlisten(PORT)
  await t.rejects(clock.finish(capture), { code: 'hal/no-answer' })
  await t.rejects(clock.finish(sensor.capture(request())), { code: 'hal/no-answer', message: /4501-4600/ })
  service.citizen = somebody
  loopback.listen(4577, connection => void service.serve(connection))
  t.ok(isFinger(await clock.finish(sensor.capture(request()))))
  loopback.unlisten(4577)
  listen()
  await t.rejects(clock.finish(sensor.diagnose(request())), { code: 'hal/no-answer' })
  t.ok(await clock.finish(sensor.diagnose(request())))
})

t.test('a scanner may be spoken to at another port than it was found at, on this machine', async t => {
  const { clock, loopback, sensor, service } = await sbiBench()
  service.citizen = somebody
  const at: number[] = []
  for (const port of [PORT, 5999])
    loopback.listen(port, connection => {
      at.push(port)
      void service.serve(connection)
    })
  service.callbackId = 'http://127.0.0.1:5999/'
  await clock.finish(sensor.open())
  await clock.finish(sensor.capture(request()))
  t.same(at, [PORT, PORT, 5999, 5999], 'discovery and information; information and capture')
  for (const callbackId of [
    'http://127.0.0.1:5998/',
    'http://192.168.1.1:5999/',
    'http://127.0.0.1:99999',
    'android',
  ]) {
    const other = await sbiBench()
    other.service.citizen = somebody
    other.service.callbackId = callbackId
    await other.clock.finish(other.sensor.open())
    t.ok(isFinger(await other.clock.finish(other.sensor.capture(request()))), callbackId)
  }
})

t.test('live images, while it captures and while it does not', async t => {
  const { clock, sensor, service } = await openedBench()
  const images: Uint8Array[] = []
  const onImage = (jpeg: Uint8Array) => images.push(jpeg)
  const stop = new AbortController()
  const reason = new Error('enough')
  const watching = sensor.preview({ timeoutMs: 60_000, signal: stop.signal, onImage })
  const stopped = t.rejects(watching, reason)
  await clock.advance(1000)
  t.ok(images.length >= sensor.info.previewHz && images.length <= 10)
  for (const image of images) {
    t.same([...image.subarray(0, 2)], [0xff, 0xd8])
    t.same([...image.subarray(-2)], [0xff, 0xd9])
  }
  await t.rejects(sensor.preview({ ...request(), onImage }), { code: 'hal/busy' })
  t.ok(isFinger(await clock.finish(sensor.capture(request()))))
  const before = images.length
  await clock.advance(1000)
  t.ok(images.length > before)
  stop.abort(reason)
  await stopped
  await clock.finish(sensor.preview({ ...request(1500), onImage }))
  service.status = 'Busy'
  await t.rejects(clock.finish(sensor.preview({ ...request(), onImage })), { code: 'hal/busy' })
  await sensor.close()
  await t.rejects(sensor.preview({ ...request(), onImage }), { code: 'hal/not-open' })
  t.equal(clock.sleeping, 0)
})
