import { join } from 'node:path'
import { KioskError } from '../base/errors.ts'
import { readKeyFile } from './key-file.ts'
import { file } from './layout.ts'
import { readPemCertificates } from './pem.ts'

/** One folder of keys: what it is called, and until when its certificate is valid. */
export interface KeyFolderInfo {
  readonly folder: string
  readonly name: string
  readonly serialNumber: string
  /** DER of a SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly validToMs: number
}

/** Rejects with `keys/missing`, `keys/unreadable`. */
export async function keyFolderInfo(folder: string): Promise<KeyFolderInfo> {
  const path = join(folder, file.certificate)
  const pem = (await readKeyFile(path, { secret: false })).toString()
  const [certificate] = readPemCertificates(pem) ?? []
  const name = certificate?.subject.replace(/^CN=/, '')
  if (certificate === undefined || name === undefined) throw new KioskError('keys/unreadable', { file: path })
  return {
    folder,
    name,
    serialNumber: certificate.serialNumber,
    publicKey: certificate.publicKey.export({ type: 'spki', format: 'der' }),
    validToMs: Date.parse(certificate.validTo),
  }
}
