/**
 * An authority that certifies: the offline root, or the kiosk CA below it.
 *
 * Its ledger `issued.jsonl` has one line a certificate and is the only memory of what was issued;
 * the revocation list is made from it, whole, each time. The list has no short end of its own: a
 * broker refuses everybody once its list has lapsed, so a forgotten renewal would cut off the nation.
 * What keeps it fresh is that `revoke` hands the new one out.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import { readKeyFile, writeKeyFile } from './key-file.ts'
import { file } from './layout.ts'
import { withLedger } from './ledger-lock.ts'
import { keyId, newKey, readPemCertificates } from './pem.ts'
import { isKioskName, isName } from './roles.ts'
import { type Issuer, makeCertificate, makeCrl, type RevocationReason, type Subject } from './x509.ts'

const DAY_MS = 86_400_000
/** Certificates begin a day early, for machines whose clock is a little slow. */
const BACKDATED_MS = DAY_MS

/** How long each kind of certificate lasts, in days; never longer than its issuer's. */
export const validityDays = {
  root: 10_950,
  'kiosk-ca': 3_650,
  abis: 1_825,
  'abis-decryption': 3_650,
  ops: 730,
  updates: 1_825,
  broker: 825,
  kiosk: 365,
} as const
export type CertifiedRole = keyof typeof validityDays

const issuedSchema = z.strictObject({
  serialNumber: z.string().regex(/^[0-9A-F]{32}$/),
  name: z.string(),
  role: z.string(),
  /** Name of the public key (`keyId`); absent in lines of before it was kept. */
  keyId: z.string().max(64).optional(),
  issuedAt: z.iso.datetime(),
  notAfter: z.iso.datetime(),
  revokedAt: z.iso.datetime().optional(),
  reason: z.enum(['lost', 'retired', 'superseded']).optional(),
})
export type Issued = z.infer<typeof issuedSchema>

export interface CertificateRequest {
  readonly name: string
  readonly role: Exclude<CertifiedRole, 'root'>
  /** DER of a SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  /** Names and addresses of a broker's certificate. */
  readonly hosts?: readonly string[]
  /** Left out: as long as certificates of its role last. */
  readonly validMs?: number
}

export class Authority {
  private constructor(
    private readonly folder: string,
    private readonly issuer: Issuer,
    private readonly certificate: X509Certificate,
    private issued: readonly Issued[],
    private readonly clock: Clock,
  ) {}

  /** Founds an authority in an empty folder. `certificate` is PEM and certifies `key`. */
  static async create(folder: string, key: string, certificate: string, clock: Clock): Promise<Authority> {
    await writeKeyFile(join(folder, file.key), key, { secret: true })
    await writeKeyFile(join(folder, file.certificate), certificate, { secret: false })
    await writeKeyFile(join(folder, file.issued), '', { secret: false })
    const authority = await Authority.open(folder, clock)
    await authority.save([])
    return authority
  }

  static async createRoot(folder: string, name: string, clock: Clock): Promise<Authority> {
    const { key, publicKey } = newKey()
    const dates = validity('root', clock.nowMs(), Number.POSITIVE_INFINITY)
    const certificate = await makeCertificate({ name, role: 'root', publicKey, ...dates }, { selfKey: key })
    return Authority.create(folder, key, certificate, clock)
  }

  /** Rejects with `keys/missing`, `keys/unreadable`. */
  static async open(folder: string, clock: Clock): Promise<Authority> {
    const key = (await readKeyFile(join(folder, file.key), { secret: true })).toString()
    const path = join(folder, file.certificate)
    const pem = (await readKeyFile(path, { secret: false })).toString()
    const certificate = readPemCertificates(pem)?.[0]
    if (certificate === undefined || !certificate.checkPrivateKey(createPrivateKey(key)))
      throw new KioskError('keys/unreadable', { file: path })
    const issuer = { key, certificate: certificate.toString() }
    return new Authority(folder, issuer, certificate, await readLedger(folder), clock)
  }

  /** The certificate as PEM, without what is above it. Rejects with `keys/bad-name`. */
  async certify(request: CertificateRequest): Promise<string> {
    const { name, role, publicKey, hosts = [], validMs } = request
    const fits = role === 'kiosk' ? isKioskName(name) : isName(name)
    if (!fits) throw new KioskError('keys/bad-name', { name: name.slice(0, 64), role })
    const nowMs = this.clock.nowMs()
    const endMs = Date.parse(this.certificate.validTo)
    const dates = validity(role, nowMs, validMs === undefined ? endMs : Math.min(endMs, nowMs + validMs))
    const subject: Subject = {
      name,
      publicKey,
      ...dates,
      ...(role === 'broker' ? { role, hosts } : { role }),
    }
    const pem = await makeCertificate(subject, this.issuer)
    const certificate = new X509Certificate(pem)
    const entry: Issued = {
      serialNumber: certificate.serialNumber,
      name,
      role,
      keyId: keyId(certificate.publicKey),
      issuedAt: new Date(nowMs).toISOString(),
      notAfter: new Date(dates.notAfterMs).toISOString(),
    }
    await this.change(issued => [...issued, entry])
    return pem
  }

  /** Revokes every certificate of that name that has not ended. Rejects with `keys/unknown-name`. */
  async revoke(name: string, reason: RevocationReason): Promise<readonly Issued[]> {
    const nowMs = this.clock.nowMs()
    const revokedAt = new Date(nowMs).toISOString()
    const revoked: Issued[] = []
    await this.change(issued => {
      if (!issued.some(entry => entry.name === name)) throw new KioskError('keys/unknown-name', { name })
      return issued.map(entry => {
        // What was retired can still turn out to be lost; never the other way round.
        const standing = entry.reason === 'lost' || entry.reason === reason
        if (entry.name !== name || standing || Date.parse(entry.notAfter) < nowMs) return entry
        const changed: Issued = { ...entry, revokedAt, reason: entry.reason === undefined ? reason : 'lost' }
        revoked.push(changed)
        return changed
      })
    })
    return revoked
  }

  get list(): readonly Issued[] {
    return this.issued
  }

  /** The revocation list as PEM. */
  async crl(): Promise<string> {
    return (await readKeyFile(join(this.folder, file.crl), { secret: false })).toString()
  }

  /** On the ledger as it is now: another process may have changed it since it was opened. */
  private change(next: (issued: readonly Issued[]) => readonly Issued[]): Promise<void> {
    return withLedger(this.folder, this.clock, async () => this.save(next(await readLedger(this.folder))))
  }

  /** Ledger first: a list can always be made again from it. */
  private async save(issued: readonly Issued[]): Promise<void> {
    const lines = issued.map(entry => `${JSON.stringify(entry)}\n`).join('')
    await writeKeyFile(join(this.folder, file.issued), lines, { secret: false })
    this.issued = issued
    const revoked = issued.flatMap(({ serialNumber, revokedAt, reason }) =>
      revokedAt === undefined || reason === undefined
        ? []
        : [{ serialNumber, atMs: Date.parse(revokedAt), reason }],
    )
    const dates = { thisUpdateMs: this.clock.nowMs(), nextUpdateMs: Date.parse(this.certificate.validTo) }
    await writeKeyFile(join(this.folder, file.crl), await makeCrl(this.issuer, revoked, dates), {
      secret: false,
    })
  }
}

function validity(role: CertifiedRole, nowMs: number, notAfterMsMax: number) {
  const notAfterMs = Math.min(nowMs + validityDays[role] * DAY_MS, notAfterMsMax)
  return { notBeforeMs: nowMs - BACKDATED_MS, notAfterMs }
}

async function readLedger(folder: string): Promise<readonly Issued[]> {
  const path = join(folder, file.issued)
  // A missing ledger is no empty one: the next list made from it would revoke nobody.
  const text = await readKeyFile(path, { secret: false })
  const lines = text
    .toString()
    .split('\n')
    .filter(line => line !== '')
  return lines.map((line, index) => {
    try {
      return issuedSchema.parse(JSON.parse(line))
    } catch (cause) {
      throw new KioskError('keys/unreadable', { file: path, line: index + 1 }, { cause })
    }
  })
}
