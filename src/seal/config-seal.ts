/**
 * What operations sign for one kiosk: a compact JWS by a key that the root gave the role `ops`, with the kiosk as
 * audience. Any key of that role: operations may have several, and replace them, without a visit to every kiosk.
 * Nothing in it is secret, so it is not encrypted: MQTT tools can read it.
 */
import { strict as assert } from 'node:assert'
import type { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import { ChainJudge } from '../keys/chain.ts'
import type { SigningKeys } from '../keys/key-store.ts'
import { isKioskName } from '../keys/roles.ts'
import { checkSize, sealed } from './compact.ts'
import { signedByCentre } from './kiosk-seal.ts'
import type { CommandSeal, ConfigSeal, OpsSeal, SealedType, UpdateSeal } from './seal.ts'
import { openSigned, readPayload, signCompact } from './signed.ts'

/** What operations sign. */
type OpsType = Extract<SealedType, 'config' | 'update' | 'command'>

export interface OpsSealOptions {
  readonly keys: SigningKeys
  readonly clock: Clock
}

export function openConfigSeal(options: OpsSealOptions): ConfigSeal & UpdateSeal & CommandSeal {
  const { name } = options.keys
  const open = opener(options)
  return {
    kiosk: name,
    openConfig: (body, schema) => open('config', name, body, schema),
    openUpdate: (body, schema) => open('update', name, body, schema),
    openCommand: (body, schema) => open('command', name, body, schema),
  }
}

export function openOpsSeal(options: OpsSealOptions): OpsSeal {
  const { keys } = options
  const open = opener(options)
  const seal = async (type: OpsType, kiosk: string, content: unknown) => {
    assert(isKioskName(kiosk), 'an audience is a kiosk')
    const payload = Buffer.from(JSON.stringify(content))
    return sealed(await signCompact(keys, { type, audience: kiosk, payload }))
  }
  return {
    ops: keys.name,
    sealConfig: (kiosk, config) => seal('config', kiosk, config),
    sealUpdate: (kiosk, update) => seal('update', kiosk, update),
    sealCommand: (kiosk, command) => seal('command', kiosk, command),
    openConfig: (kiosk, body, schema) => open('config', kiosk, body, schema),
    openUpdate: (kiosk, body, schema) => open('update', kiosk, body, schema),
  }
}

function opener({ keys, clock }: OpsSealOptions) {
  const judge = new ChainJudge(keys.root, 'ops')
  return async <T>(type: OpsType, audience: string, body: Uint8Array, schema: z.ZodType<T>): Promise<T> => {
    checkSize(body.length)
    const signed = signedByCentre(keys, clock)
    const { payload } = await openSigned(body, { type, judge, audience, signed })
    return readPayload(payload, schema)
  }
}
