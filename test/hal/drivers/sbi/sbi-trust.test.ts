/**
 * Goal: nothing is taken from a scanner that is not vouched for, changed, played again or swapped.
 * Method: a simulated service that does each of these things, and then behaves again.
 */
import t from 'tap'
import { certified, recertified } from '../../../../hal/sim/device-certificates.ts'
import type { CaptureData } from '../../../../hal/sim/sbi-service.ts'
import { anchors, isFinger, openedBench, request, sbiBench } from '../../../support/sbi-bench.ts'

t.test('what somebody changed, played again or swapped is refused', async t => {
  const spoilt: [string, (data: CaptureData) => void, object][] = [
    ['another transaction', data => (data.transactionId = 'transaction-0'), { fault: 'transaction' }],
    ['another environment', data => (data.env = 'Staging'), { fault: 'environment' }],
    ['another purpose', data => (data.purpose = 'Auth'), { fault: 'environment' }],
    ['an unsigned digital id', data => (data.digitalId = 'e30'), {}],
  ]
  for (const [what, beforeSigning, details] of spoilt) {
    const { clock, sensor, service } = await openedBench()
    service.beforeSigning = beforeSigning
    const code = what === 'an unsigned digital id' ? 'hal/not-registered' : 'hal/untrusted'
    await t.rejects(clock.finish(sensor.capture(request())), { code, details }, what)
  }
  const { clock, sensor, service } = await openedBench()
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
  const swapped = await openedBench()
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
    const open = await openedBench()
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

t.test('a change of the trust file counts from the next look on', async t => {
  const stranger = await certified('Stranger', { validity: { fromMs: 0, toMs: 4e12 }, ca: true })
  const { keys } = await sbiBench()
  let trusted = keys.roots
  const { clock, sensor } = await openedBench({ anchors: async () => anchors(trusted) })
  t.ok(isFinger(await clock.finish(sensor.capture(request()))))
  trusted = [stranger]
  await t.rejects(clock.finish(sensor.diagnose(request())), { code: 'hal/untrusted' })
  await t.rejects(clock.finish(sensor.capture(request())), { code: 'hal/untrusted' })
  trusted = [stranger, ...keys.roots]
  t.ok(isFinger(await clock.finish(sensor.capture(request()))))
})
