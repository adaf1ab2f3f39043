/**
 * What a kiosk without a certificate and the claim service say to one another: JSON over HTTPS, the kiosk asks.
 *
 *     POST /claim  { request, token }  ─▶  202 pending · 200 approved · 403 rejected · 4xx { error }
 *     POST /renew  { request }         ─▶  200 approved · 4xx { error }      with its certificate as TLS client
 */
import { z } from 'zod'
import { claimTokenSchema } from './site.ts'

export const claimPaths = { claim: '/claim', renew: '/renew' } as const

/** A request of ours has about 400 bytes of PEM. */
export const CLAIM_REQUEST_BYTES_MAX = 4096
/** Certificates and a few settings. */
export const CLAIM_ANSWER_BYTES_MAX = 32 * 1024

const requestPem = z.string().min(1).max(2048)

export const claimRequestSchema = z.strictObject({
  /** PKCS #10, PEM. */
  request: requestPem,
  token: claimTokenSchema,
})
export type ClaimRequest = z.infer<typeof claimRequestSchema>

export const renewRequestSchema = z.strictObject({ request: requestPem })
export type RenewRequest = z.infer<typeof renewRequestSchema>

/** What a kiosk is from now on, over its own file. */
export const identitySchema = z.strictObject({
  site: z.string().min(1).max(60).optional(),
  province: z
    .string()
    .regex(/^[0-9]{2}$/)
    .optional(),
  broker: z
    .string()
    .max(300)
    .regex(/^mqtts?:\/\/[^\s/@]+\/?$/)
    .optional(),
})
export type Identity = z.infer<typeof identitySchema>

const pem = z.string().min(1).max(8192)

export const claimAnswerSchema = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('pending'),
    name: z.string().max(36),
    /** Short code of the public key, as the kiosk shows it too. */
    code: z.string().max(20),
  }),
  z.strictObject({
    state: z.literal('approved'),
    name: z.string().max(36),
    /** The kiosk's certificate and what is between it and the root, PEM. */
    certificate: pem,
    /** The ABIS's encryption certificates, PEM. */
    abis: pem,
    identity: identitySchema,
  }),
  z.strictObject({ state: z.literal('rejected') }),
])
export type ClaimAnswer = z.infer<typeof claimAnswerSchema>
export type ApprovedClaim = Extract<ClaimAnswer, { state: 'approved' }>

/** Of an answer that is none. */
export const claimErrorSchema = z.strictObject({ error: z.string().max(64) })
