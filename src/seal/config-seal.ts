/**
 * What operations sign for one kiosk: a compact JWS by a key that the root gave the role `ops`, with the kiosk as
 * audience. Any key of that role: operations may have several, and replace them, without a visit to every kiosk.
 * Nothing in it is secret, so it is not encrypted: MQTT tools can read it.
 */
import { strict as assert } from 'node:assert'
import type { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import { ChainJudge, type Span } from '../keys/chain.ts'
import type { SigningKeys } from '../keys/key-store.ts'
import { isKioskName } from '../keys/roles.ts'
import { checkSize, sealed } from './compact.ts'
import { signedByCentre } from './kiosk-seal.ts'
import type { ConfigSeal, OpsSeal } from './seal.ts'
import { openSigned, readPayload, signCompact } from './signed.ts'

export function openConfigSeal(options: { readonly keys: SigningKeys; readonly clock: Clock }): ConfigSeal {
  const { keys, clock } = options
  const judge = new ChainJudge(keys.root, 'ops')
  return {
    kiosk: keys.name,
    openConfig: (body, schema) =>
      openConfig(body, schema, { judge, audience: keys.name, signed: signedByCentre(keys, clock) }),
  }
}

export function openOpsSeal(options: { readonly keys: SigningKeys; readonly clock: Clock }): OpsSeal {
  const { keys, clock } = options
  const judge = new ChainJudge(keys.root, 'ops')
  return {
    ops: keys.name,
    async sealConfig(kiosk, config) {
      assert(isKioskName(kiosk), 'an audience is a kiosk')
      const payload = Buffer.from(JSON.stringify(config))
      return sealed(await signCompact(keys, { type: 'config', audience: kiosk, payload }))
    },
    openConfig: (kiosk, body, schema) =>
      openConfig(body, schema, { judge, audience: kiosk, signed: signedByCentre(keys, clock) }),
  }
}

async function openConfig<T>(
  body: Uint8Array,
  schema: z.ZodType<T>,
  expected: { readonly judge: ChainJudge; readonly audience: string; readonly signed: Span },
): Promise<T> {
  checkSize(body.length)
  const { payload } = await openSigned(body, { type: 'config', ...expected })
  return readPayload(payload, schema)
}
