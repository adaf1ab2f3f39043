import type { KeyObject, X509Certificate } from 'node:crypto'

/**
 * What signs in one name. The private key stays behind this port: today a file, later a TPM or a
 * secure element, which both hold P-256.
 */
export interface SigningKeys {
  /** The certificate's common name: kiosk id, ABIS name. */
  readonly name: string
  /** The pinned root. */
  readonly root: X509Certificate
  /** DER, leaf first, without the root. */
  readonly chain: readonly Uint8Array[]
  readonly certificate: X509Certificate
  /** ES256: SHA-256, then ECDSA on P-256, as the 64 bytes r ‖ s that JWS wants. */
  sign(bytes: Uint8Array): Promise<Uint8Array>
  /** For the connection to the broker, as PEM: client key, its chain, and the root alone as authority. */
  readonly tls: { readonly key: string; readonly cert: string; readonly ca: string }
}

/** Keys of the data folder, 32 random bytes each. They are never derived from one another. */
export interface LocalKeys {
  /** AES-256-GCM over stored values. Without it the card holds nothing readable. */
  readonly dataKey: Uint8Array
  /** HMAC-SHA-256 over NIKs in database keys. */
  readonly indexKey: Uint8Array
}

export interface KioskKeys extends SigningKeys, LocalKeys {
  /**
   * Of the certificate's own key: what the centre encrypts to this kiosk can be read by who signs as it. One key for
   * both keeps a chip's single slot enough; ECDSA and ECDH-ES with an ephemeral sender do not weaken each other.
   */
  decryptionKey(kid: string): KeyObject | undefined
  /** To whom submissions are encrypted; its certificate leads to the pinned root. */
  readonly abis: {
    readonly name: string
    readonly kid: string
    readonly publicKey: KeyObject
    readonly certificate: X509Certificate
  }
}

export interface AbisKeys extends SigningKeys, LocalKeys {
  /** Present and retired keys: kiosks may hold what was sealed to either. */
  decryptionKey(kid: string): KeyObject | undefined
  /** Of the newest of them. */
  readonly decryptionCertificate: X509Certificate
  /** Upper-case hex. True where what this certificate signs, or certifies, is no longer believed (a lost kiosk). */
  isRevoked(serialNumber: string): boolean
  /** Looks whether there is a newer revocation list. Rejects with `keys/unreadable`; then the one before counts. */
  followRevocations(): Promise<void>
}
