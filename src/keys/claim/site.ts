/**
 * `site.json`: what a card tells a kiosk that has no certificate yet. The flashing tool writes it, nothing in it is
 * secret for long: the token is good for one kiosk, once, until a day. docs/KEYS.md shows one.
 */
import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { KioskError } from '../../base/errors.ts'
import { isKioskName } from '../roles.ts'

export const SITE_BYTES_MAX = 16 * 1024

const url = z
  .string()
  .max(300)
  .regex(/^https:\/\/[^\s/@?#]+\/?$/, 'must be https://HOST or https://HOST:PORT')

export const claimTokenSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be a token of 43 signs')

export const siteSchema = z.strictObject({
  /** The kiosk's name; left out, the kiosk makes one from its key. */
  kiosk: z
    .string()
    .refine(
      isKioskName,
      'must be 4 to 36 of a-z, 0-9 and -, and not begin like a name of the centre (abis, ops, updates, broker, root)',
    )
    .optional(),
  /** As the setting `kiosk.site`. */
  site: z.string().min(1).max(60).optional(),
  /** As the setting `kiosk.province`. */
  province: z
    .string()
    .regex(/^[0-9]{2}$/)
    .optional(),
  /** As the setting `broker.url`. */
  broker: z
    .string()
    .max(300)
    .regex(/^mqtts?:\/\/[^\s/@]+\/?$/)
    .optional(),
  /** The root's certificate as PEM: the kiosk believes nothing that does not lead to it. */
  root: z.string().max(4096).refine(isRoot, 'must be the certificate of a root, as PEM'),
  claim: z.strictObject({
    /** Where `tunggal fleet claim serve` listens. */
    url,
    token: claimTokenSchema,
    /** For people who read the file; the server judges by its own clock. */
    expiresAt: z.iso.datetime(),
  }),
})
export type Site = z.infer<typeof siteSchema>

/** Throws `config/bad-value` with the first wrong `path` and what must be there. */
export function parseSite(bytes: Uint8Array): Site {
  const parsed = siteSchema.safeParse(jsonIn(bytes))
  if (parsed.success) return parsed.data
  const [{ path, message }] = parsed.error.issues
  throw new KioskError('config/bad-value', { path: `site.json ${path.join('.')}`, remedy: message })
}

function jsonIn(bytes: Uint8Array): unknown {
  if (bytes.length > SITE_BYTES_MAX) return undefined
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

function isRoot(pem: string): boolean {
  try {
    const certificate = new X509Certificate(pem)
    return certificate.ca && certificate.checkIssued(certificate)
  } catch {
    return false
  }
}
