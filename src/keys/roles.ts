/**
 * Who a certificate speaks for. The role stands in the certificate as its only subject alternative
 * name, the URI `urn:tunggal:role:<role>`: a name alone would let the kiosk CA certify a kiosk
 * called like the ABIS, and an organisational unit is free text to every other tool.
 *
 *     root ─┬─ kiosk-ca ── kiosk
 *           ├─ abis, abis-decryption
 *           ├─ ops
 *           ├─ updates (signs bundles for RAUC)
 *           └─ broker (server names instead of a role; TLS judges those)
 */
export const signerRoles = ['kiosk', 'abis', 'abis-decryption', 'ops'] as const
export type SignerRole = (typeof signerRoles)[number]
export type CaRole = 'root' | 'kiosk-ca'
/** Signs bundles, which RAUC judges; nothing that travels as a message. */
export type BundleRole = 'updates'

/**
 * The roles of the certificates between leaf and root. Fixed for every role, so that nothing has to
 * search for a path, and no path can be longer than was meant.
 */
export const intermediatesOf: Readonly<Record<SignerRole, readonly CaRole[]>> = {
  kiosk: ['kiosk-ca'],
  abis: [],
  'abis-decryption': [],
  ops: [],
}

export function roleUri(role: SignerRole | CaRole | BundleRole): string {
  return `urn:tunggal:role:${role}`
}

const NAME = /^[a-z0-9-]{4,36}$/
/** Names that the broker's access list gives to the centre. */
const CENTRAL = /^((abis|ops|updates|broker|root)(-|$)|kiosk-ca$)/

/** A name fit for a certificate, a topic and a client id. */
export function isName(name: string): boolean {
  return NAME.test(name)
}

/** A kiosk may not be called as the centre is: the broker knows its clients by name alone. */
export function isKioskName(name: string): boolean {
  return NAME.test(name) && !CENTRAL.test(name)
}
