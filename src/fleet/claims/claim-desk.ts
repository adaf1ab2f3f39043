/**
 * Where kiosks without a certificate ask for one, and people decide.
 *
 *     token create ─▶ token ──(card)──▶ kiosk ─▶ ask: claim ─▶ pending ─▶ approve ─▶ certificate
 *                                                                  └────▶ reject
 *
 * Always true:
 * - A token leads to one claim, of one key. It is of no use to another key, nor after its day. Only its hash is kept.
 * - No certificate without a person: a claim waits until somebody has compared its code with the kiosk's screen.
 * - The key that has claimed may ask again, and gets the same answer: an answer may be lost on its way.
 * - What changed and who did it are on the disk in one batch.
 */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { KioskError } from '../../base/errors.ts'
import type { CertifiedKiosk } from '../../keys/certify-kiosk.ts'
import type { ClaimAnswer, ClaimRequest, Identity } from '../../keys/claim/message.ts'
import { keyCode } from '../../keys/key-code.ts'
import { type RequestedKey, readRequestedKey } from '../../keys/requested-key.ts'
import { isKioskName } from '../../keys/roles.ts'
import { AuditChain } from '../../kv/audit-chain.ts'
import type { Change, Kv } from '../../kv/kv.ts'
import {
  type Claim,
  type ClaimAuditEntry,
  type ClaimToken,
  decodeValue,
  encodeValue,
  hashOf,
  keyOf,
  under,
} from './layout.ts'

const TOKEN_BYTES = 32
const ID_SIGNS = 8
/** A claim that nobody decided on; the token may have ended before. */
const PENDING_MS_MAX = 3 * 86_400_000
/** Whoever has tokens can leave so many claims behind, no more. */
const PENDING_MAX = 10_000

export interface ClaimDeskParts {
  readonly kv: Kv
  readonly clock: Clock
  /** Rejects with `claims/name-taken`. */
  certify(requested: RequestedKey): Promise<CertifiedKiosk>
}

export interface NewToken {
  readonly kiosk?: string
  readonly identity: Identity
  readonly validMs: number
  readonly by: string
}

export type TokenState = 'open' | 'used' | 'expired' | 'withdrawn'
export type ClaimState = 'pending' | 'approved' | 'rejected' | 'lapsed'

export class ClaimDesk {
  /** Everything that changes, one after the other. */
  private changing: Promise<unknown> = Promise.resolve()
  private pending = 0

  private constructor(
    private readonly parts: ClaimDeskParts,
    private readonly audit: AuditChain<ClaimAuditEntry>,
  ) {}

  /** Rejects with `kv/io`, `kv/corrupt`. */
  static async open(parts: ClaimDeskParts): Promise<ClaimDesk> {
    const desk = new ClaimDesk(parts, await AuditChain.open(parts.kv, keyOf.audit))
    await desk.recount()
    return desk
  }

  /** The token goes onto one kiosk's card; nobody can be told it again. Rejects with `keys/bad-name`. */
  async createToken({ kiosk, identity, validMs, by }: NewToken): Promise<{ token: string } & ClaimToken> {
    if (kiosk !== undefined && !isKioskName(kiosk)) throw new KioskError('keys/bad-name', { name: kiosk })
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    const hash = hashOf(token)
    const nowMs = this.parts.clock.nowMs()
    const id = hash.slice(0, ID_SIGNS)
    const kept: ClaimToken = {
      id,
      kiosk,
      identity,
      createdAt: isoTime(nowMs),
      expiresAt: isoTime(nowMs + validMs),
      by,
    }
    await this.inOrder(() =>
      this.write({ who: by, what: 'token-created', token: id, kiosk }, [
        { put: keyOf.token(hash), value: encodeValue(kept) },
      ]),
    )
    return { token, ...kept }
  }

  /**
   * A kiosk asks, at first or again. Rejects with `claims/unknown-token`, `claims/expired`, `claims/token-used`,
   * `claims/bad-request`, `keys/bad-request`, `claims/too-many`.
   */
  ask({ request, token }: ClaimRequest, from: string): Promise<ClaimAnswer> {
    return this.inOrder(async () => {
      // The cheap questions first: nobody without a token gets to have a request parsed.
      const hash = hashOf(token)
      const known = await this.value<ClaimToken>(keyOf.token(hash))
      if (known === undefined) throw new KioskError('claims/unknown-token')
      if (known.claim !== undefined) return this.askAgain(known.claim, request)
      if (this.tokenStateOf(known) !== 'open') throw new KioskError('claims/expired')
      const requested = await readRequestedKey(request)
      if (this.pending >= PENDING_MAX) await this.recount()
      if (this.pending >= PENDING_MAX) throw new KioskError('claims/too-many', { pending: this.pending })
      return answerOf(await this.newClaim(known, hash, requested, from))
    })
  }

  /** Oldest first, whatever became of them. */
  async *tokens(): AsyncIterable<ClaimToken> {
    const tokens: ClaimToken[] = []
    for await (const { token } of this.keptTokens()) tokens.push(token)
    yield* tokens.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
  }

  tokenStateOf({ claim, withdrawnAt, expiresAt }: ClaimToken): TokenState {
    if (claim !== undefined) return 'used'
    if (withdrawnAt !== undefined) return 'withdrawn'
    return Date.parse(expiresAt) <= this.parts.clock.nowMs() ? 'expired' : 'open'
  }

  /** A card was lost before its kiosk claimed. Rejects with `claims/unknown-token`, and `claims/decided` where it is too late. */
  withdrawToken(id: string, { by }: { readonly by: string }): Promise<ClaimToken> {
    return this.inOrder(async () => {
      for await (const { key, token } of this.keptTokens()) {
        if (token.id !== id) continue
        const state = this.tokenStateOf(token)
        if (state !== 'open') throw new KioskError('claims/decided', { state })
        const withdrawn = { ...token, withdrawnAt: isoTime(this.parts.clock.nowMs()) }
        await this.write({ who: by, what: 'token-withdrawn', token: id, kiosk: token.kiosk }, [
          { put: key, value: encodeValue(withdrawn) },
        ])
        return withdrawn
      }
      throw new KioskError('claims/unknown-token')
    })
  }

  /** Oldest first. */
  async *claims(): AsyncIterable<Claim> {
    const claims: Claim[] = []
    for await (const { key, value } of this.parts.kv.range(under('claim/')))
      claims.push(decodeValue<Claim>(key, value))
    yield* claims.sort((a, b) => (a.requestedAt < b.requestedAt ? -1 : 1))
  }

  stateOf({ decision, lapsesAt }: Claim): ClaimState {
    if (decision !== undefined) return decision.state
    return Date.parse(lapsesAt) <= this.parts.clock.nowMs() ? 'lapsed' : 'pending'
  }

  /**
   * `code`: what the kiosk's screen shows, where the person who approves typed it rather than compared it. Rejects with
   * `claims/unknown-claim`, `claims/decided`, `claims/expired`, `claims/name-taken`, and with `claims/bad-request`
   * where the code is another.
   */
  approve(id: string, { by, code }: { readonly by: string; readonly code?: string }): Promise<Claim> {
    return this.inOrder(async () => {
      const claim = await this.undecided(id)
      if (code !== undefined && plainCode(code) !== plainCode(claim.code))
        throw new KioskError('claims/bad-request', {
          reason: "the code is another than that of the kiosk's key",
        })
      const publicKey = Buffer.from(claim.publicKey, 'base64')
      const certified = await this.parts.certify({ name: claim.name, publicKey })
      return this.decide(claim, { state: 'approved', ...this.stamp(by), ...certified })
    })
  }

  /** Rejects with `claims/unknown-claim`, `claims/decided`. */
  reject(id: string, { by }: { readonly by: string }): Promise<Claim> {
    return this.inOrder(async () =>
      this.decide(await this.undecided(id), { state: 'rejected', ...this.stamp(by) }),
    )
  }

  /** A fresh certificate for a kiosk that has shown its standing one: no person is asked, but it is written down. */
  renew(requested: RequestedKey): Promise<CertifiedKiosk> {
    return this.inOrder(async () => {
      const certified = await this.parts.certify(requested)
      await this.write({ who: requested.name, what: 'renewed', kiosk: requested.name }, [])
      return certified
    })
  }

  /** Who did what, oldest first; `intact` is false where the log was changed before an entry. */
  auditLog(): ReturnType<AuditChain<ClaimAuditEntry>['entries']> {
    return this.audit.entries()
  }

  private async newClaim(
    token: ClaimToken,
    hash: string,
    { name, publicKey }: RequestedKey,
    from: string,
  ): Promise<Claim> {
    if (!isKioskName(name)) throw new KioskError('claims/bad-request', { reason: 'name' })
    if (token.kiosk !== undefined && token.kiosk !== name)
      throw new KioskError('claims/bad-request', { reason: 'name is not that of the token' })
    const nowMs = this.parts.clock.nowMs()
    const claim: Claim = {
      id: randomBytes(ID_SIGNS / 2).toString('hex'),
      name,
      publicKey: Buffer.from(publicKey).toString('base64'),
      code: keyCode(publicKey),
      token: token.id,
      identity: token.identity,
      from,
      requestedAt: isoTime(nowMs),
      lapsesAt: isoTime(nowMs + PENDING_MS_MAX),
    }
    const { id, code } = claim
    await this.write({ who: from, what: 'claimed', claim: id, token: token.id, kiosk: name, code }, [
      { put: keyOf.claim(id), value: encodeValue(claim) },
      { put: keyOf.token(hash), value: encodeValue({ ...token, claim: id }) },
    ])
    this.pending++
    return claim
  }

  private async askAgain(id: string, request: string): Promise<ClaimAnswer> {
    const claim = await this.value<Claim>(keyOf.claim(id))
    if (claim === undefined) throw new KioskError('claims/token-used')
    const { publicKey } = await readRequestedKey(request)
    if (Buffer.from(publicKey).toString('base64') !== claim.publicKey)
      throw new KioskError('claims/token-used')
    if (this.stateOf(claim) === 'lapsed') throw new KioskError('claims/expired')
    return answerOf(claim)
  }

  private async undecided(id: string): Promise<Claim> {
    const claim = /^[0-9a-f]{8}$/.test(id) ? await this.value<Claim>(keyOf.claim(id)) : undefined
    if (claim === undefined) throw new KioskError('claims/unknown-claim')
    const state = this.stateOf(claim)
    if (state === 'lapsed') throw new KioskError('claims/expired')
    if (state !== 'pending') throw new KioskError('claims/decided', { state })
    return claim
  }

  private async decide(claim: Claim, decision: NonNullable<Claim['decision']>): Promise<Claim> {
    const decided = { ...claim, decision }
    const { id, name: kiosk, code } = claim
    await this.write({ who: decision.by, what: decision.state, claim: id, kiosk, code }, [
      { put: keyOf.claim(id), value: encodeValue(decided) },
    ])
    this.pending--
    return decided
  }

  /** What has lapsed waits no longer. */
  private async recount(): Promise<void> {
    this.pending = 0
    for await (const claim of this.claims()) if (this.stateOf(claim) === 'pending') this.pending++
  }

  private stamp(by: string): { at: string; by: string } {
    return { at: isoTime(this.parts.clock.nowMs()), by }
  }

  private write(entry: Omit<ClaimAuditEntry, 'at'>, changes: readonly Change[]): Promise<void> {
    return this.audit.write({ at: isoTime(this.parts.clock.nowMs()), ...entry }, changes)
  }

  private async *keptTokens(): AsyncIterable<{ key: string; token: ClaimToken }> {
    for await (const { key, value } of this.parts.kv.range(under('token/')))
      yield { key, token: decodeValue<ClaimToken>(key, value) }
  }

  private async value<T>(key: string): Promise<T | undefined> {
    const bytes = await this.parts.kv.get(key)
    return bytes && decodeValue<T>(key, bytes)
  }

  private inOrder<T>(change: () => Promise<T>): Promise<T> {
    const done = this.changing.then(change, change)
    this.changing = done.catch(() => {})
    return done
  }
}

function answerOf({ name, code, decision, identity }: Claim): ClaimAnswer {
  if (decision === undefined) return { state: 'pending', name, code }
  if (decision.state === 'rejected') return { state: 'rejected' }
  return { state: 'approved', name, certificate: decision.certificate, abis: decision.abis, identity }
}

/** As people type it: small letters, no dashes, O for 0. */
function plainCode(code: string): string {
  return code.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
