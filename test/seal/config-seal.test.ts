/**
 * Goal: a kiosk believes a configuration exactly where operations signed it, for this kiosk.
 */
import { join } from 'node:path'
import t from 'tap'
import { z } from 'zod'
import { systemClock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import { openSigningKeys } from '../../src/keys/file-key-store.ts'
import { initDemoKeys, issueKiosk } from '../../src/keys/make-keys.ts'
import { openConfigSeal, openOpsSeal } from '../../src/seal/config-seal.ts'
import { signCompact } from '../../src/seal/signed.ts'
import { demoKeys } from '../support/demo-keys.ts'

const schema = z.strictObject({ version: z.int() })
const clock = systemClock
const { keys, data, kioskKeys, abisKeys, abisSeal } = await demoKeys(t, clock, { kiosk: 'kiosk-0001' })
const ops = openOpsSeal({ keys: await openSigningKeys(join(keys, 'ops'), 'ops'), clock })
const kiosk = openConfigSeal({ keys: kioskKeys, clock })

async function refusal(body: Uint8Array): Promise<string> {
  return kiosk.openConfig(body, schema).then(
    () => 'believed',
    error => {
      if (!(error instanceof KioskError)) throw error
      return `${error.code} ${error.details.reason ?? error.details.found ?? ''}`.trim()
    },
  )
}

t.test('what operations signed is believed, and read back by them', async t => {
  const { body } = await ops.sealConfig('kiosk-0001', { version: 7 })
  t.same(await kiosk.openConfig(body, schema), { version: 7 })
  t.same(await ops.openConfig('kiosk-0001', body, schema), { version: 7 })
})

t.test('nothing else is', async t => {
  const payload = Buffer.from(JSON.stringify({ version: 7 }))
  const signed = async (by: typeof kioskKeys | typeof abisKeys, type: 'config' | 'receipt' = 'config') =>
    Buffer.from(await signCompact(by, { type, audience: 'kiosk-0001', payload }), 'latin1')
  const { body } = await ops.sealConfig('kiosk-0001', { version: 7 })
  const changed = Buffer.from(body)
  changed[body.indexOf(0x2e) + 4] ^= 1

  await initDemoKeys(join(data, 'other'), { clock })
  const stranger = openOpsSeal({
    keys: await openSigningKeys(join(data, 'other/keys/ops'), 'ops'),
    clock,
  })
  await issueKiosk(join(keys, 'kiosk-ca'), { name: 'kiosk-0002', out: join(keys, 'kiosk-0002'), clock })

  t.equal(await refusal((await ops.sealConfig('kiosk-0002', { version: 7 })).body), 'seal/untrusted audience')
  t.equal(
    await refusal((await stranger.sealConfig('kiosk-0001', { version: 7 })).body),
    'seal/untrusted certificate: issuer',
  )
  t.equal(await refusal(await signed(abisKeys)), 'seal/untrusted certificate: role', 'the ABIS')
  t.equal(await refusal(await signed(kioskKeys)), 'seal/untrusted certificate: length', 'the kiosk itself')
  const receipt = await abisSeal.sealReceipt('kiosk-0001', {
    id: '0190a7a0-0000-7000-8000-000000000001',
    sha256: '0'.repeat(64),
    receivedAt: '2026-01-01T00:00:00.000Z',
    highestContiguous: 1,
  })
  t.equal(await refusal(receipt.body), 'seal/wrong-type receipt')
  t.match(await refusal(changed), /^seal\/(untrusted|malformed)/)
  t.equal(await refusal(payload), 'seal/malformed character')
  t.equal(await refusal(new Uint8Array(0)), 'seal/malformed parts')
  t.equal(await refusal((await ops.sealConfig('kiosk-0001', { version: 'x' })).body), 'seal/malformed schema')
})

t.test('a wanted update is no configuration, nor the other way round', async t => {
  const { body } = await ops.sealUpdate('kiosk-0001', { version: 7 })
  t.same(await kiosk.openUpdate(body, schema), { version: 7 })
  t.same(await ops.openUpdate('kiosk-0001', body, schema), { version: 7 })
  t.equal(await refusal(body), 'seal/wrong-type update')
  const config = await ops.sealConfig('kiosk-0001', { version: 7 })
  await t.rejects(kiosk.openUpdate(config.body, schema), { code: 'seal/wrong-type' })
})
