import t from 'tap'
import { certified, recertified } from '../../../../hal/sim/device-certificates.ts'
import { jpeg2000Record, recordWith } from '../../../../hal/sim/finger-records.ts'
import type { CaptureData } from '../../../../hal/sim/sbi-service.ts'
import { decodeFir } from '../../../../src/finger/image/decode-fir.ts'
import type { FirView } from '../../../../src/finger/image/fir.ts'
import type { Frame } from '../../../../src/finger/image/frame.ts'
import { diagnosableContract } from '../../../contract/diagnosable.ts'
import { fingerprintSensorContract } from '../../../contract/fingerprint-sensor.ts'
import { writeWsq } from '../../../finger/image/wsq-writer.ts'
import { PacedClock } from '../../../support/paced-clock.ts'
import {
  anchors,
  type BenchOptions,
  deviceKeys,
  finger,
  PORT,
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

const request = (timeoutMs = 10_000, position?: number) => ({
  timeoutMs,
  position,
  signal: new AbortController().signal,
})

async function opened(options: BenchOptions = {}) {
  const parts = await sbiBench(options)
  await parts.clock.finish(parts.sensor.open())
  parts.service.citizen = somebody
  return parts
}

const isFinger = (frame: Frame) => Buffer.from(frame.pixels).equals(Buffer.from(finger.pixels))

t.test('the image is what lies on the platen, to the grey level: lossless JPEG 2000', async t => {
  for (const certification of ['L0', 'L1'] as const) {
    const { clock, sensor } = await opened({ certification, record: jpeg2000Record, clock: new PacedClock() })
    const frame = await clock.finish(sensor.capture(request()))
    t.match(frame, { widthPx: 120, heightPx: 150, resolutionDpi: 500 })
    t.ok(isFinger(frame), certification)
  }
})

t.test('WSQ, PNG and plain pixels too; what holds no image, or several, is a bad answer', async t => {
  const wsq = async (view: FirView) =>
    recordWith(view, 'wsq', writeWsq(view.frame, { binWidth: 40, ppi: 500 }))
  const { clock, sensor, service } = await opened({ record: wsq })
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
  const broken = await opened({ record: async () => new Uint8Array(Buffer.from('FIR\x020\0, it says')) })
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
  const { clock, sensor, service, keys } = await opened()
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
  const single = await opened({ requestedScore: 55 })
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
  const slap = await opened({ slap: true })
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
  const { clock, sensor, service } = await opened()
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

t.test('what somebody changed, played again or swapped is refused', async t => {
  const spoilt: [string, (data: CaptureData) => void, object][] = [
    ['another transaction', data => (data.transactionId = 'transaction-0'), { fault: 'transaction' }],
    ['another environment', data => (data.env = 'Staging'), { fault: 'environment' }],
    ['another purpose', data => (data.purpose = 'Auth'), { fault: 'environment' }],
    ['an unsigned digital id', data => (data.digitalId = 'e30'), {}],
  ]
  for (const [what, beforeSigning, details] of spoilt) {
    const { clock, sensor, service } = await opened()
    service.beforeSigning = beforeSigning
    const code = what === 'an unsigned digital id' ? 'hal/not-registered' : 'hal/untrusted'
    await t.rejects(clock.finish(sensor.capture(request())), { code, details }, what)
  }
  const { clock, sensor, service } = await opened()
  service.afterSigning = biometric => {
    const [header, payload, signature] = biometric.data.split('.')
    const changed = Buffer.from(payload, 'base64url').toString().replace('"80"', '"99"')
    biometric.data = [header, Buffer.from(changed).toString('base64url'), signature].join('.')
  }
  const refused = { code: 'hal/untrusted', details: { fault: 'signature' } }
  await t.rejects(clock.finish(sensor.capture(request())), refused, 'a changed word')
  service.afterSigning = () => {}
  service.beforeSigning = data => {
    data.bioSubType = 'Left Thumb'
  }
  await t.rejects(
    clock.finish(sensor.capture(request(10_000, 2))),
    { code: 'hal/bad-answer' },
    'another finger',
  )
  const swapped = await opened()
  swapped.service.serialNo = 'SIM000000002'
  const swap = swapped.clock.finish(swapped.sensor.capture(request()))
  await t.rejects(swap, { code: 'hal/untrusted', details: { fault: 'serial-number' } }, 'a swap')
})

t.test('whom nobody vouches for is refused, when it opens and when it captures', async t => {
  const { keys } = await sbiBench()
  const { clock } = await sbiBench()
  const day = 86_400_000
  const now = clock.nowMs()
  const valid = { fromMs: now - day, toMs: now + day }
  const { device, provider } = keys
  const stranger = await certified('Stranger', { validity: valid, ca: true })
  const byStranger = { validity: valid, issuer: stranger, ca: false }
  const expired = { fromMs: now - 2 * day, toMs: now - day }
  const future = { fromMs: now + day, toMs: now + 2 * day }
  const noCa = recertified(provider, { validity: valid, issuer: keys.roots[0], ca: false })
  const cases: [string, typeof keys, string][] = [
    ['another issuer', { ...keys, device: recertified(device, byStranger) }, 'issuer'],
    [
      'another issuer of the same name',
      {
        ...keys,
        device: recertified(device, { ...byStranger, issuer: { ...stranger, name: provider.name } }),
      },
      'issuer',
    ],
    ['a chip of somebody else', { ...keys, chip: recertified(keys.chip, byStranger) }, 'issuer'],
    [
      'expired',
      { ...keys, device: recertified(device, { validity: expired, issuer: provider, ca: false }) },
      'expired',
    ],
    [
      'an expired provider',
      { ...keys, provider: recertified(provider, { validity: expired, issuer: keys.roots[0], ca: true }) },
      'expired',
    ],
    [
      'not valid yet',
      { ...keys, device: recertified(device, { validity: future, issuer: provider, ca: false }) },
      'not-yet-valid',
    ],
    ['a provider that may not vouch', { ...keys, provider: noCa }, 'issuer'],
    ['another key', { ...keys, device: { ...device, key: stranger.key } }, 'signature'],
    ['no certificate', { ...keys, device: { ...device, certificate: Uint8Array.of(0x30, 0) } }, 'unreadable'],
  ]
  for (const [what, wrong, fault] of cases) {
    const refused = { code: 'hal/untrusted', details: { fault } }
    const closed = await sbiBench()
    closed.service.keys = wrong
    await t.rejects(closed.clock.finish(closed.sensor.open()), refused, `${what}: open`)
    const open = await opened()
    open.service.keys = wrong
    await t.rejects(open.clock.finish(open.sensor.capture(request())), refused, `${what}: capture`)
    open.service.keys = keys
    t.ok(
      isFinger(await open.clock.finish(open.sensor.capture(request()))),
      `${what}: and afterwards it works`,
    )
  }
})

t.test('an operator may trust a provider alone, and devices may send their certificate alone', async t => {
  const { keys } = await sbiBench()
  const { clock, sensor } = await sbiBench({
    anchors: async () => anchors([keys.provider, keys.roots[1]]),
    certification: 'L1',
  })
  await t.resolves(clock.finish(sensor.open()))
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
  const { clock, sensor, service } = await opened()
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
  const { clock, loopback, sensor, service, listen } = await opened()
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
  const { clock, sensor, service } = await opened()
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
