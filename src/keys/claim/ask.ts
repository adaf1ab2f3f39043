/** The kiosk's end of `message.ts`: one question, one answer, to a server that the pinned root vouches for. */
import { request as httpsRequest } from 'node:https'
import { type ErrorCode, errorCatalogue, KioskError } from '../../base/errors.ts'
import {
  CLAIM_ANSWER_BYTES_MAX,
  type ClaimAnswer,
  type ClaimRequest,
  claimAnswerSchema,
  claimErrorSchema,
  claimPaths,
  type RenewRequest,
} from './message.ts'

const ANSWER_TIMEOUT_MS = 20_000

export interface ClaimServiceOptions {
  /** https://HOST:PORT */
  readonly url: string
  /** PEM of the pinned root. */
  readonly root: string
  /** For `askRenewal`: the standing certificate, PEM. */
  readonly client?: { readonly key: string; readonly cert: string }
  readonly signal: AbortSignal
}

/** Rejects with what the service says (`claims/…`), and with `claims/unavailable` where it says nothing. */
export function askClaim(options: ClaimServiceOptions, question: ClaimRequest): Promise<ClaimAnswer> {
  return ask(options, claimPaths.claim, question)
}

/** As `askClaim`, with the certificate that is to be renewed. */
export function askRenewal(
  options: ClaimServiceOptions & Required<Pick<ClaimServiceOptions, 'client'>>,
  question: RenewRequest,
): Promise<ClaimAnswer> {
  return ask(options, claimPaths.renew, question)
}

async function ask(
  { url, root, client, signal }: ClaimServiceOptions,
  path: string,
  question: unknown,
): Promise<ClaimAnswer> {
  const body = JSON.stringify(question)
  const text = await new Promise<string>((resolve, reject) => {
    const asked = httpsRequest(
      new URL(path, url),
      {
        method: 'POST',
        agent: false,
        ca: root,
        minVersion: 'TLSv1.3',
        ...client,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
      },
      response => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => {
          text += part
          if (text.length > CLAIM_ANSWER_BYTES_MAX) asked.destroy(new Error('too long'))
        })
        response.on('end', () => resolve(text))
        response.on('error', reject)
      },
    )
    asked.on('error', reject)
    asked.end(body)
  }).catch((cause: NodeJS.ErrnoException) => {
    signal.throwIfAborted()
    throw new KioskError('claims/unavailable', { code: String(cause.code ?? cause.message) }, { cause })
  })
  return answerIn(text)
}

function answerIn(text: string): ClaimAnswer {
  const value = jsonIn(text)
  const answer = claimAnswerSchema.safeParse(value)
  if (answer.success) return answer.data
  const { data } = claimErrorSchema.safeParse(value)
  if (data !== undefined && Object.hasOwn(errorCatalogue, data.error))
    throw new KioskError(data.error as ErrorCode, { by: 'claim service' })
  throw new KioskError('claims/bad-answer')
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
