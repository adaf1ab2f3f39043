import { ChainJudge } from '../keys/chain.ts'
import type { SigningKeys } from '../keys/key-store.ts'
import { checkSize, sealed } from './compact.ts'
import type { DecisionSeal } from './seal.ts'
import { openSigned, readPayload, signCompact } from './signed.ts'

/** The ABIS's own end, on these keys: it signs what people decided at it, and is its own audience. */
export function openDecisionSeal({ keys }: { readonly keys: SigningKeys }): DecisionSeal {
  const { name: audience, root } = keys
  const judge = new ChainJudge(root, 'abis')
  // Its certificate may have ended since; that it was valid when it signed is this machine's own memory.
  const signed = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY }
  return {
    async sealDecision(decision) {
      const payload = Buffer.from(JSON.stringify(decision))
      return sealed(await signCompact(keys, { type: 'decision', audience, payload }))
    },
    async openDecision(body, schema) {
      checkSize(body.length)
      const expected = { type: 'decision', audience, judge, signerName: audience, signed } as const
      const { payload } = await openSigned(body, expected)
      return readPayload(payload, schema)
    },
  }
}
