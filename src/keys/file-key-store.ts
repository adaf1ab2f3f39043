/**
 * The key-store port over files (`layout.ts`). Everything is checked once, at opening: that the key
 * belongs to the certificate, and that the certificate leads to the pinned root in its role. Dates
 * are not: a kiosk with a lapsed certificate must still collect records and say what is wrong.
 */
import { createPrivateKey, type KeyObject, sign, type X509Certificate } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { KioskError } from '../base/errors.ts'
import { ANY_TIME, ChainJudge, type Signer } from './chain.ts'
import { eraseKeyFile, readKeyFile } from './key-file.ts'
import type { AbisKeys, KioskKeys, LocalKeys, SigningKeys } from './key-store.ts'
import { file } from './layout.ts'
import { keyId, readPemCertificates } from './pem.ts'
import type { SignerRole } from './roles.ts'

const LOCAL_KEY_BYTES = 32
const DECRYPTION_KEYS_MAX = 64

/** A kiosk's folder. Rejects with `keys/missing`, `keys/unreadable`. */
export async function openKioskKeys(folder: string): Promise<KioskKeys> {
  const keys = await openSigningKeys(folder, 'kiosk')
  const keyPath = join(folder, file.key)
  const key = readPrivateKey((await readKeyFile(keyPath, { secret: true })).toString(), keyPath)
  const kid = keyId(keys.certificate.publicKey)
  const abis = await openAbisCertificate(join(folder, file.abis), keys.root)
  return {
    ...keys,
    ...(await openLocalKeys(folder)),
    decryptionKey: asked => (asked === kid ? key : undefined),
    abis,
  }
}

/**
 * Makes everything that a data folder keeps under its own keys unreadable, for ever. The kiosk's signing key stays:
 * what was sealed can still be brought to the ABIS. Rejects with `io/unwritable`.
 */
export async function eraseLocalKeys(folder: string): Promise<void> {
  await eraseKeyFile(join(folder, file.dataKey))
  await eraseKeyFile(join(folder, file.indexKey))
}

/**
 * A kiosk's end: nothing that its card holds can be read with what its card holds, nobody can sign or connect as it. The
 * certificate stays, so that what is sealed to the ABIS can still be brought there. Rejects with `io/unwritable`.
 */
export async function eraseKioskKeys(folder: string): Promise<void> {
  await eraseLocalKeys(folder)
  await eraseKeyFile(join(folder, file.key))
}

/** The ABIS's folder. Rejects with `keys/missing`, `keys/unreadable`. */
export async function openAbisKeys(folder: string): Promise<AbisKeys> {
  const keys = await openSigningKeys(folder, 'abis')
  const decryption = await openDecryptionKeys(join(folder, file.decryption))
  const list = join(folder, file.crl)
  let revoked = await openRevoked(list)
  return {
    ...keys,
    ...(await openLocalKeys(folder)),
    decryptionKey: kid => decryption.keys.get(kid),
    decryptionCertificate: decryption.newest,
    isRevoked: serialNumber => revoked.serials.has(serialNumber),
    followRevocations: async () => {
      if ((await versionOf(list)) !== revoked.version) revoked = await openRevoked(list)
    },
  }
}

/** Rejects with `keys/missing`, `keys/unreadable`. */
export async function openSigningKeys(folder: string, role: SignerRole): Promise<SigningKeys> {
  const paths = {
    key: join(folder, file.key),
    certificate: join(folder, file.certificate),
    root: join(folder, file.root),
  }
  const keyPem = (await readKeyFile(paths.key, { secret: true })).toString()
  const certificatePem = (await readKeyFile(paths.certificate, { secret: false })).toString()
  const root = await openRoot(paths.root)
  const key = readPrivateKey(keyPem, paths.key)
  const chain = (readPemCertificates(certificatePem) ?? []).map(certificate => certificate.raw)
  const { certificate, name } = trusted(chain, { root, role, path: paths.certificate })
  if (!certificate.checkPrivateKey(key))
    throw new KioskError('keys/unreadable', { file: paths.key, reason: 'not of this certificate' })
  return {
    name,
    root,
    chain,
    certificate,
    sign: async bytes => sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }),
    tls: { key: keyPem, cert: certificatePem, ca: root.toString() },
  }
}

async function openRoot(path: string): Promise<X509Certificate> {
  const roots = readPemCertificates((await readKeyFile(path, { secret: false })).toString())
  const root = roots?.[0]
  if (roots?.length !== 1 || root === undefined || !root.ca || !root.checkIssued(root))
    throw new KioskError('keys/unreadable', { file: path })
  return root
}

/** To whom this kiosk seals: of the certificates in the file, the one that begins last. */
async function openAbisCertificate(path: string, root: X509Certificate): Promise<KioskKeys['abis']> {
  const pem = (await readKeyFile(path, { secret: false })).toString()
  const certificates = readPemCertificates(pem)
  if (certificates === undefined) throw new KioskError('keys/unreadable', { file: path })
  const [newest] = certificates
    .map(({ raw }) => trusted([raw], { root, role: 'abis-decryption', path }))
    .sort((a, b) => Date.parse(b.certificate.validFrom) - Date.parse(a.certificate.validFrom))
  const { name, publicKey, certificate } = newest
  return { name, kid: keyId(publicKey), publicKey, certificate }
}

/** `newest`: the certificate that begins last. */
async function openDecryptionKeys(
  folder: string,
): Promise<{ readonly keys: ReadonlyMap<string, KeyObject>; readonly newest: X509Certificate }> {
  const suffix = `.${file.key}`
  const names = (await readdir(folder).catch(() => [])).filter(name => name.endsWith(suffix))
  if (names.length === 0) throw new KioskError('keys/missing', { file: folder })
  if (names.length > DECRYPTION_KEYS_MAX)
    throw new KioskError('keys/unreadable', { file: folder, keys: names.length, most: DECRYPTION_KEYS_MAX })
  const keys = new Map<string, KeyObject>()
  const certificates: X509Certificate[] = []
  for (const name of names) {
    const path = join(folder, name)
    const key = readPrivateKey((await readKeyFile(path, { secret: true })).toString(), path)
    const certificatePath = join(folder, `${name.slice(0, -suffix.length)}.pem`)
    const [certificate] =
      readPemCertificates((await readKeyFile(certificatePath, { secret: false })).toString()) ?? []
    if (certificate === undefined || !certificate.checkPrivateKey(key))
      throw new KioskError('keys/unreadable', { file: certificatePath })
    // By its own digest, whatever the file is called.
    keys.set(keyId(certificate.publicKey), key)
    certificates.push(certificate)
  }
  const [newest] = certificates.sort((a, b) => Date.parse(b.validFrom) - Date.parse(a.validFrom))
  return { keys, newest }
}

interface Revoked {
  readonly serials: ReadonlySet<string>
  /** Of the file: lists are replaced, never changed in place. */
  readonly version: string | undefined
}

async function openRevoked(path: string): Promise<Revoked> {
  // Before it is read: one that is replaced meanwhile is read again.
  const version = await versionOf(path)
  const pem = (await readKeyFile(path, { secret: false })).toString()
  const { compromisedSerials } = await import('./x509.ts')
  try {
    return { serials: compromisedSerials(pem), version }
  } catch (cause) {
    throw new KioskError('keys/unreadable', { file: path }, { cause })
  }
}

async function versionOf(path: string): Promise<string | undefined> {
  return stat(path).then(
    ({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`,
    () => undefined,
  )
}

async function openLocalKeys(folder: string): Promise<LocalKeys> {
  return {
    dataKey: await readLocalKey(join(folder, file.dataKey)),
    indexKey: await readLocalKey(join(folder, file.indexKey)),
  }
}

async function readLocalKey(path: string): Promise<Uint8Array> {
  const key = await readKeyFile(path, { secret: true })
  if (key.length !== LOCAL_KEY_BYTES)
    throw new KioskError('keys/unreadable', { file: path, bytes: key.length, needed: LOCAL_KEY_BYTES })
  return key
}

function readPrivateKey(pem: string, path: string): KeyObject {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('not on P-256')
    return key
  } catch {
    // The cause could quote the file.
    throw new KioskError('keys/unreadable', { file: path })
  }
}

function trusted(
  chain: readonly Uint8Array[],
  options: { root: X509Certificate; role: SignerRole; path: string },
): Signer {
  const { root, role, path } = options
  const verdict = new ChainJudge(root, role).judge(chain, ANY_TIME)
  if (!verdict.trusted) throw new KioskError('keys/unreadable', { file: path, fault: verdict.fault })
  return verdict.signer
}
