/**
 * Where keys are, below a data folder. Every folder can be moved to the machine that needs it and no
 * other; `docs/KEYS.md` says which.
 *
 *     keys/
 *       root/       key.pem certificate.pem crl.pem issued.jsonl   offline, in a safe
 *       kiosk-ca/   key.pem certificate.pem crl.pem root.pem abis.pem issued.jsonl
 *                   root-crl.pem both-crls.pem   what revoking needs while the root is away
 *       abis/       key.pem certificate.pem crl.pem root.pem data.key index.key
 *                   decryption/<kid>.key.pem, decryption/<kid>.pem
 *       ops/        key.pem certificate.pem root.pem
 *       updates/    key.pem certificate.pem root.pem
 *       broker/     key.pem certificate.pem ca.pem crl.pem
 *       kiosk/      key.pem certificate.pem root.pem abis.pem data.key index.key
 *                   identity.json   where it claimed its certificate
 *
 * `certificate.pem` is leaf first, then what is between it and the root. Files that hold a secret
 * end in `key.pem` or `.key` and have mode 0400, the others 0444.
 */
import { join } from 'node:path'

export const file = {
  key: 'key.pem',
  certificate: 'certificate.pem',
  root: 'root.pem',
  abis: 'abis.pem',
  crl: 'crl.pem',
  /** The root's list, as it was when the root was last here. */
  rootCrl: 'root-crl.pem',
  /** Both lists in one file: who judges kiosks wants one from every issuer. */
  bothCrls: 'both-crls.pem',
  /** Certificates that a broker lets its clients' chains end in: root and kiosk CA. */
  authorities: 'ca.pem',
  dataKey: 'data.key',
  indexKey: 'index.key',
  /** One line a certificate that the kiosk CA issued. */
  issued: 'issued.jsonl',
  decryption: 'decryption',
  /** What a kiosk was told when its claim was approved. */
  identity: 'identity.json',
} as const

export type KeyFolder = 'root' | 'kiosk-ca' | 'abis' | 'ops' | 'updates' | 'broker' | 'kiosk'

/** The keys of a data folder. */
export function keysFolder(data: string): string {
  return join(data, 'keys')
}

export function keyFolder(data: string, folder: KeyFolder): string {
  return join(keysFolder(data), folder)
}
