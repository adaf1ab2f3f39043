/**
 * A kiosk's life before it has a certificate: it makes its key, asks for a certificate with what its card says, shows
 * the code of its key, and asks again until a person has approved it. Nobody has to touch it.
 */
import type { Clock } from '../base/clock.ts'
import { type ErrorCode, KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { backoffMs } from '../base/retry.ts'
import { askClaim } from '../keys/claim/ask.ts'
import { keepApproved } from '../keys/claim/identity.ts'
import type { ApprovedClaim, ClaimAnswer } from '../keys/claim/message.ts'
import { openOwnKey } from '../keys/claim/own-key.ts'
import type { Site } from '../keys/claim/site.ts'
import { keyCode } from '../keys/key-code.ts'
import { makeRequest } from '../keys/request.ts'
import type { ClaimView } from '../ui/claim-view.ts'

/** While a person may be about to approve. */
const PENDING_BACKOFF = { backoffMsMin: 4_000, backoffMsMax: 30_000 }
/** While nobody answers. */
const UNREACHABLE_BACKOFF = { backoffMsMin: 4_000, backoffMsMax: 120_000 }
/** What was refused stays so, but for a person who changes it. */
const REFUSED_MS = 300_000
const PAUSE_MS_MIN = 1_000
const NAME_SIGNS = 8

export interface FirstBootOptions {
  readonly site: Site
  /** The kiosk's key folder. */
  readonly folder: string
  readonly clock: Clock
  readonly log: Log
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly signal: AbortSignal
  onView(view: ClaimView): void
}

/**
 * Resolves once the key folder holds everything that a kiosk needs. Rejects with `keys/unreadable`, `io/unwritable`,
 * and with the signal's reason.
 */
export async function claimCertificate(options: FirstBootOptions): Promise<void> {
  const { site, folder, clock, log, random, signal, onView } = options
  const own = await openOwnKey(folder)
  const code = keyCode(own.publicKey)
  const kiosk = site.kiosk ?? `kiosk-${code.replaceAll('-', '').slice(0, NAME_SIGNS).toLowerCase()}`
  const request = await makeRequest(kiosk, own)
  const show = (state: ClaimView['state'], problem?: ErrorCode) =>
    onView({ kiosk, code, qr: `tunggal-claim:1:${kiosk}:${code}`, state, problem })
  show('asking')
  const { url, token } = site.claim
  for (let attempt = 1; ; ) {
    const answer = await asked(() => askClaim({ url, root: site.root, signal }, { request, token }), signal)
    if (!('error' in answer) && answer.state === 'approved') {
      const problem = await keep(options, answer, { kiosk, publicKey: own.publicKey })
      if (problem === undefined) return show('approved')
      show('refused', problem)
      await clock.sleep(REFUSED_MS, signal)
      continue
    }
    const code =
      'error' in answer ? answer.error : answer.state === 'rejected' ? 'claims/rejected' : undefined
    if (code !== undefined) log.warn('claim', { code })
    const isUnreachable = code === 'claims/unavailable' || code === 'claims/too-many'
    show(code === undefined ? 'pending' : isUnreachable ? 'unreachable' : 'refused', code)
    if (code !== undefined && !isUnreachable) {
      attempt = 1
      await clock.sleep(REFUSED_MS, signal)
      continue
    }
    const backoff = isUnreachable ? UNREACHABLE_BACKOFF : PENDING_BACKOFF
    await clock.sleep(PAUSE_MS_MIN + backoffMs(backoff, attempt++, random), signal)
  }
}

/** What became of one question; only the signal's end is thrown. */
async function asked(
  ask: () => Promise<ClaimAnswer>,
  signal: AbortSignal,
): Promise<ClaimAnswer | { readonly error: ErrorCode }> {
  try {
    return await ask()
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof KioskError)) throw error
    return { error: error.code }
  }
}

/** The code of what is wrong with the answer, if anything. */
async function keep(
  { folder, site, log }: FirstBootOptions,
  answer: ApprovedClaim,
  { kiosk, publicKey }: { readonly kiosk: string; readonly publicKey: Uint8Array },
): Promise<ErrorCode | undefined> {
  // What the desk says of the kiosk counts more than what its card says.
  const identity = {
    ...pick(site),
    ...pick(answer.identity),
    name: kiosk,
    claimUrl: site.claim.url,
  }
  try {
    await keepApproved(folder, answer, { root: site.root, publicKey, identity })
    log.info('claimed', { kiosk })
    return undefined
  } catch (error) {
    if (!(error instanceof KioskError) || error.code !== 'claims/bad-answer') throw error
    log.warn('claim', { code: error.code, ...error.details })
    return error.code
  }
}

function pick({ site, province, broker }: Pick<Site, 'site' | 'province' | 'broker'>) {
  return {
    ...(site !== undefined && { site }),
    ...(province !== undefined && { province }),
    ...(broker !== undefined && { broker }),
  }
}
