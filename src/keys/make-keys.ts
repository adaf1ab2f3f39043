/**
 * Makes key folders: all of them at first set-up, one more kiosk or broker later. The layout, and
 * which folder belongs on which machine, is in `layout.ts`.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import { Authority } from './authority.ts'
import { readKeyFile, writeKeyFile } from './key-file.ts'
import { keyFolderInfo } from './key-folder-info.ts'
import { file, type KeyFolder, keysFolder } from './layout.ts'
import { keyId, newKey, readPemCertificates } from './pem.ts'
import { readRequestedKey } from './requested-key.ts'

const LOCAL_KEY_BYTES = 32
export const DEFAULT_ABIS = 'abis-central'
export const DEFAULT_OPS = 'ops-central'
const UPDATES = 'updates-central'
export const DEMO_KIOSK = 'kiosk-demo'
export const DEMO_HOSTS: readonly string[] = ['localhost', '127.0.0.1']

export interface InitOptions {
  readonly clock: Clock
  readonly abis?: string
  readonly ops?: string
}

/**
 * Root, kiosk CA, ABIS, operations and the signer of updates below `data`: all of them or, if anything fails, none.
 * Rejects with `keys/exists`.
 */
export async function initKeys(data: string, options: InitOptions): Promise<void> {
  await allOrNothing(data, keys => makeCentre(keys, options))
}

/** As `initKeys`, and a broker for `hosts` and one kiosk, so that one machine can play everything. */
export async function initDemoKeys(
  data: string,
  options: InitOptions & { readonly kiosk?: string; readonly hosts?: readonly string[] },
): Promise<void> {
  const { clock, kiosk = DEMO_KIOSK, hosts = DEMO_HOSTS } = options
  await allOrNothing(data, async keys => {
    await makeCentre(keys, options)
    await issueBroker(keys, { name: 'broker', hosts, clock, out: join(keys, 'broker') })
    await issueKiosk(join(keys, 'kiosk-ca'), { name: kiosk, clock, out: join(keys, 'kiosk') })
  })
}

/**
 * A folder for a new kiosk, with a new key, or, where `request` holds a PKCS #10 request by a kiosk
 * that keeps its key to itself, with what it needs beside it. `ca` is the kiosk CA's folder. Rejects
 * with `keys/bad-name`, `keys/bad-request`, and with `keys/exists` where `out` is there.
 */
export async function issueKiosk(
  ca: string,
  options: { readonly name: string; readonly out: string; readonly clock: Clock; readonly request?: string },
): Promise<void> {
  const { name, out, clock, request } = options
  await refuseExisting(out)
  const authority = await Authority.open(ca, clock)
  const own = request === undefined ? newKey() : undefined
  const publicKey = own?.publicKey ?? (await requestedKey(name, request as string))
  const leaf = await authority.certify({ name, role: 'kiosk', publicKey })
  if (own !== undefined) {
    await writeKeyFile(join(out, file.key), own.key, { secret: true })
    await writeLocalKeys(out)
  }
  const above = await readKeyFile(join(ca, file.certificate), { secret: false })
  await writeKeyFile(join(out, file.certificate), `${leaf}${above}`, { secret: false })
  await copy(ca, out, [file.root, file.abis])
}

/** A broker's server certificate for `hosts`, and what it needs to judge its clients. `keys` holds root and kiosk CA. */
export async function issueBroker(
  keys: string,
  options: {
    readonly name: string
    readonly hosts: readonly string[]
    readonly out: string
    readonly clock: Clock
  },
): Promise<void> {
  const { name, hosts, out, clock } = options
  await refuseExisting(out)
  const root = await Authority.open(join(keys, 'root'), clock)
  const { key, publicKey } = newKey()
  const certificate = await root.certify({ name, role: 'broker', publicKey, hosts })
  await writeKeyFile(join(out, file.key), key, { secret: true })
  await writeKeyFile(join(out, file.certificate), certificate, { secret: false })
  const authorities = ['root', 'kiosk-ca'].map(folder =>
    readKeyFile(join(keys, folder, file.certificate), { secret: false }),
  )
  await writeKeyFile(join(out, file.authorities), (await Promise.all(authorities)).join(''), {
    secret: false,
  })
  await handOutRevocations(keys)
  const lists = await readKeyFile(join(keys, 'kiosk-ca', file.bothCrls), { secret: false })
  await writeKeyFile(join(out, file.crl), lists, { secret: false })
}

/**
 * Puts the present revocation lists, both as one file, where they are used: beside the kiosk CA, and
 * into the broker's and the ABIS's folder where these are here.
 */
export async function handOutRevocations(keys: string): Promise<void> {
  const list = (folder: KeyFolder, name: string) => readKeyFile(join(keys, folder, name), { secret: false })
  const write = (folder: KeyFolder, name: string, content: string | Uint8Array) =>
    writeKeyFile(join(keys, folder, name), content, { secret: false })
  if (await exists(join(keys, 'root'))) await write('kiosk-ca', file.rootCrl, await list('root', file.crl))
  const both = Buffer.concat([await list('kiosk-ca', file.rootCrl), await list('kiosk-ca', file.crl)])
  await write('kiosk-ca', file.bothCrls, both)
  if (await exists(join(keys, 'abis'))) await write('abis', file.crl, both)
  if (await exists(join(keys, 'broker'))) await write('broker', file.crl, both)
}

/**
 * A new decryption key for the ABIS, beside the ones that it has. Kiosks seal to the new one once
 * they are handed the kiosk CA's new `abis.pem`. Needs the root. Returns the new key's id.
 */
export async function addDecryptionKey(keys: string, clock: Clock): Promise<string> {
  const { name } = await keyFolderInfo(join(keys, 'abis'))
  const root = await Authority.open(join(keys, 'root'), clock)
  return makeDecryptionKey(keys, name, root)
}

/** A fresh certificate for the key that a folder has: its file is replaced in one step. */
export async function renewCertificate(
  keys: string,
  folder: 'kiosk' | 'abis' | 'ops' | 'updates',
  clock: Clock,
): Promise<void> {
  const { name, publicKey } = await keyFolderInfo(join(keys, folder))
  const issuer = join(keys, folder === 'kiosk' ? 'kiosk-ca' : 'root')
  const authority = await Authority.open(issuer, clock)
  const pem = await authority.certify({ name, role: folder, publicKey })
  const above = folder === 'kiosk' ? await readKeyFile(join(issuer, file.certificate), { secret: false }) : ''
  await writeKeyFile(join(keys, folder, file.certificate), `${pem}${above}`, { secret: false })
}

async function makeCentre(keys: string, options: InitOptions): Promise<void> {
  const { clock, abis = DEFAULT_ABIS, ops = DEFAULT_OPS } = options
  const root = await Authority.createRoot(join(keys, 'root'), 'root', clock)
  const ca = newKey()
  const caCertificate = await root.certify({ name: 'kiosk-ca', role: 'kiosk-ca', publicKey: ca.publicKey })
  await Authority.create(join(keys, 'kiosk-ca'), ca.key, caCertificate, clock)
  for (const [folder, name] of [
    ['abis', abis],
    ['ops', ops],
    ['updates', UPDATES],
  ] as const) {
    const { key, publicKey } = newKey()
    const certificate = await root.certify({ name, role: folder, publicKey })
    await writeKeyFile(join(keys, folder, file.key), key, { secret: true })
    await writeKeyFile(join(keys, folder, file.certificate), certificate, { secret: false })
  }
  await writeLocalKeys(join(keys, 'abis'))
  const rootPem = await readKeyFile(join(keys, 'root', file.certificate), { secret: false })
  for (const folder of ['kiosk-ca', 'abis', 'ops', 'updates'])
    await writeKeyFile(join(keys, folder, file.root), rootPem, { secret: false })
  await makeDecryptionKey(keys, abis, root)
  await handOutRevocations(keys)
}

async function makeDecryptionKey(keys: string, abis: string, root: Authority): Promise<string> {
  const { key, publicKey } = newKey()
  const certificate = await root.certify({ name: abis, role: 'abis-decryption', publicKey })
  const [parsed] = readPemCertificates(certificate) ?? []
  const kid = keyId(parsed.publicKey)
  const folder = join(keys, 'abis', file.decryption)
  await writeKeyFile(join(folder, `${kid}.${file.key}`), key, { secret: true })
  await writeKeyFile(join(folder, `${kid}.pem`), certificate, { secret: false })
  await writeKeyFile(join(keys, 'kiosk-ca', file.abis), certificate, { secret: false })
  return kid
}

async function writeLocalKeys(folder: string): Promise<void> {
  for (const name of [file.dataKey, file.indexKey])
    await writeKeyFile(join(folder, name), randomBytes(LOCAL_KEY_BYTES), { secret: true })
}

async function requestedKey(name: string, pem: string): Promise<Uint8Array> {
  const requested = await readRequestedKey(pem)
  // The name is the operator's decision; a request that thinks otherwise is the wrong file.
  if (requested.name !== name) throw new KioskError('keys/bad-request', { reason: 'other-name' })
  return requested.publicKey
}

async function copy(from: string, to: string, names: readonly string[]): Promise<void> {
  for (const name of names)
    await writeKeyFile(join(to, name), await readKeyFile(join(from, name), { secret: false }), {
      secret: false,
    })
}

/** Builds the keys folder aside and puts it in place by one rename. */
async function allOrNothing(data: string, make: (keys: string) => Promise<void>): Promise<void> {
  const keys = keysFolder(data)
  await refuseExisting(keys)
  const aside = `${keys}.new`
  await mkdir(dirname(keys), { recursive: true })
  await rm(aside, { recursive: true, force: true })
  try {
    await make(aside)
    await rename(aside, keys)
  } catch (cause) {
    await rm(aside, { recursive: true, force: true })
    throw cause
  }
}

async function refuseExisting(folder: string): Promise<void> {
  if (await exists(folder)) throw new KioskError('keys/exists', { file: folder })
}

async function exists(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => [])
  return names.length > 0
}
