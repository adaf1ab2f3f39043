/**
 * What a kiosk keeps of its claim: certificates, and `identity.json`, who it is from now on. `certificate.pem` is
 * written last: where it is, all of it is.
 */
import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { KioskError } from '../../base/errors.ts'
import { ANY_TIME, ChainJudge } from '../chain.ts'
import { isThere, readKeyFile, writeKeyFile } from '../key-file.ts'
import { file } from '../layout.ts'
import { readPemCertificates } from '../pem.ts'
import { type ApprovedClaim, identitySchema } from './message.ts'

const keptIdentitySchema = identitySchema.extend({
  /** As in the certificate. */
  name: z.string().max(36),
  /** Where the certificate is renewed. */
  claimUrl: z.string().max(300),
})
export type KeptIdentity = z.infer<typeof keptIdentitySchema>

/** The kiosk of this key folder has a certificate, from a claim or by hand. */
export function isCertified(folder: string): Promise<boolean> {
  return isThere(join(folder, file.certificate))
}

/** Undefined where the kiosk did not claim. Rejects with `keys/unreadable`. */
export async function readIdentity(folder: string): Promise<KeptIdentity | undefined> {
  const path = join(folder, file.identity)
  try {
    return keptIdentitySchema.parse(JSON.parse((await readKeyFile(path, { secret: false })).toString()))
  } catch (cause) {
    if (cause instanceof KioskError && cause.code === 'keys/missing') return undefined
    throw new KioskError('keys/unreadable', { file: path }, { cause })
  }
}

/**
 * Keeps what was approved, if it is a certificate for this key and this name under the pinned root. Rejects with
 * `claims/bad-answer`, `io/unwritable`.
 */
export async function keepApproved(
  folder: string,
  approved: ApprovedClaim,
  pinned: { readonly root: string; readonly publicKey: Uint8Array; readonly identity: KeptIdentity },
): Promise<void> {
  const { root, publicKey, identity } = pinned
  mustBeOurs(approved, { root, publicKey, name: identity.name })
  const write = (name: string, content: string) =>
    writeKeyFile(join(folder, name), content, { secret: false })
  await write(file.root, root)
  await write(file.abis, approved.abis)
  await write(file.identity, JSON.stringify(identity))
  await write(file.certificate, approved.certificate)
}

/** Throws `claims/bad-answer`. */
export function mustBeOurs(
  approved: ApprovedClaim,
  { root, publicKey, name }: { readonly root: string; readonly publicKey: Uint8Array; readonly name: string },
): void {
  const bad = (reason: string) => new KioskError('claims/bad-answer', { reason })
  const pinned = new X509Certificate(root)
  const chain = (readPemCertificates(approved.certificate) ?? []).map(({ raw }) => raw)
  const own = new ChainJudge(pinned, 'kiosk').judge(chain, ANY_TIME)
  if (!own.trusted) throw bad(own.fault)
  if (own.signer.name !== name) throw bad('name')
  if (!own.signer.publicKey.export({ type: 'spki', format: 'der' }).equals(publicKey)) throw bad('key')
  const judge = new ChainJudge(pinned, 'abis-decryption')
  const abis = readPemCertificates(approved.abis) ?? []
  if (abis.length === 0 || !abis.every(({ raw }) => judge.judge([raw], ANY_TIME).trusted)) throw bad('abis')
}
