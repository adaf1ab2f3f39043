import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import { AuditChain } from '../kv/audit-chain.ts'
import type { Change, Kv } from '../kv/kv.ts'
import type { OutcomeStatus } from '../record/status.ts'
import type { DecisionSeal } from '../seal/seal.ts'
import {
  type Answer,
  agreed,
  candidateIn,
  type Decision,
  decisionSchema,
  samePerson,
  verdictOf,
  wanted,
} from './adjudication.ts'
import type { Counts } from './counts.ts'
import { type AbisRecord, decodeValue, encodeValue, keyOf } from './layout.ts'
import type { Registry } from './registry.ts'

export interface AdjudicatorParts {
  readonly kv: Kv
  readonly registry: Registry
  readonly counts: Counts
  readonly seal: DecisionSeal
  readonly clock: Clock
  /** Everything that changes the store, one after the other. */
  inOrder<T>(change: () => Promise<T>): Promise<T>
  /** The outcome is on the disk, and has to be published. */
  onResolved?(record: AbisRecord): void
}

/** A record that people have to decide on. Says how many have, and never what. */
export interface OpenCase {
  readonly id: string
  readonly kiosk: string
  readonly receivedAt: string
  readonly reason: string
  readonly candidate?: string
  readonly decided: number
  readonly wanted: number
}

/** What a decision led to: `status` once the record has its outcome. */
export interface Decided {
  readonly id: string
  readonly decided: number
  readonly wanted: number
  readonly status?: OutcomeStatus
}

/** Who decided on what: the log's entry. The decision itself is in `decision`, as the ABIS signed it. */
interface LogEntry {
  readonly at: string
  readonly who: string
  readonly id: string
  readonly decision: string
  readonly status?: OutcomeStatus
}

export interface LogLine extends Omit<LogEntry, 'decision'> {
  readonly number: number
  /** The chain holds up to here, and the signature is the ABIS's over what the line says. */
  readonly intact: boolean
  /** Told once the record has its outcome: nobody may know the first word before the second is spoken. */
  readonly answer?: Answer
}

/** The people's side of the ABIS (`adjudication.ts` says by which rules). */
export class Adjudicator {
  private constructor(
    private readonly parts: AdjudicatorParts,
    private readonly audit: AuditChain<LogEntry>,
  ) {}

  /** Rejects with `kv/io`, `kv/corrupt`. */
  static async open(parts: AdjudicatorParts): Promise<Adjudicator> {
    return new Adjudicator(parts, await AuditChain.open(parts.kv, keyOf.audit))
  }

  /** Whatever waits for longest first. */
  async *openCases(): AsyncIterable<OpenCase> {
    for (const id of this.parts.counts.toAdjudicate()) {
      const record = await this.parts.registry.record(id)
      if (record !== undefined && isOpen(record)) yield this.caseOf(record)
    }
  }

  /** Both records, to be looked at side by side. Rejects with `adjudication/not-open`. */
  async pair(id: string): Promise<{ readonly record: AbisRecord; readonly candidate?: AbisRecord }> {
    const record = await this.openRecord(id)
    const candidate = candidateIn(record.outcome?.reason)
    if (candidate === undefined) return { record }
    return { record, candidate: await this.parts.registry.record(candidate) }
  }

  /** One person's word. Rejects with `adjudication/not-open`, `adjudication/decided-before`. */
  decide(id: string, { by, answer }: { readonly by: string; readonly answer: Answer }): Promise<Decided> {
    const { inOrder, clock, seal, registry, onResolved } = this.parts
    return inOrder(async () => {
      const record = await this.openRecord(id)
      const before = await this.decisionsOn(record)
      if (before.some(({ decision }) => samePerson(decision.by, by)))
        throw new KioskError('adjudication/decided-before', { by })
      const at = new Date(clock.nowMs()).toISOString()
      const { sha256, outcome } = record
      const decision: Decision = { id, sha256, reason: outcome?.reason ?? '', answer, by, at }
      const signed = Buffer.from((await seal.sealDecision(decision)).body).toString('latin1')
      const all = [...before, { decision, signed }]
      const kept: Change = {
        put: keyOf.adjudication(id),
        value: encodeValue(all.map(({ signed }) => signed)),
      }
      const decisions = all.map(({ decision }) => decision)
      const entry: LogEntry = { at, who: by, id, decision: signed }
      const common = { id, decided: all.length, wanted: wanted(decisions) }
      const together = agreed(decisions)
      if (together === undefined) {
        await this.audit.write(entry, [kept])
        return common
      }
      const verdict = verdictOf(decision.reason, together)
      const resolved = await registry.resolve(record, verdict, changes =>
        this.audit.write({ ...entry, status: verdict.status }, [...changes, kept]),
      )
      onResolved?.(resolved)
      return { ...common, status: verdict.status }
    })
  }

  /** Every decision ever, oldest first. */
  async *log(): AsyncIterable<LogLine> {
    for await (const { number, entry, intact } of this.audit.entries()) {
      const { decision: signed, ...line } = entry
      const decision = await this.opened(signed).catch(() => undefined)
      const fits = decision?.id === line.id && decision.by === line.who && decision.at === line.at
      const record = await this.parts.registry.record(line.id)
      const isTold = decision !== undefined && (record === undefined || !isOpen(record))
      yield { number, ...line, intact: intact && fits, ...(isTold && { answer: decision.answer }) }
    }
  }

  private async caseOf(record: AbisRecord): Promise<OpenCase> {
    const { id, kiosk, receivedAt, outcome } = record
    const reason = outcome?.reason ?? ''
    const decisions = (await this.decisionsOn(record)).map(({ decision }) => decision)
    const candidate = candidateIn(reason)
    return {
      id,
      kiosk,
      receivedAt,
      reason,
      ...(candidate !== undefined && { candidate }),
      decided: decisions.length,
      wanted: wanted(decisions),
    }
  }

  private async openRecord(id: string): Promise<AbisRecord> {
    const record = await this.parts.registry.record(id)
    if (record === undefined || !isOpen(record)) throw new KioskError('adjudication/not-open', { id })
    return record
  }

  /** On this question: of one that was asked for another reason, nothing counts. Rejects with one of the `seal/…` codes. */
  private async decisionsOn({
    id,
    sha256,
    outcome,
  }: AbisRecord): Promise<readonly { readonly decision: Decision; readonly signed: string }[]> {
    const key = keyOf.adjudication(id)
    const bytes = await this.parts.kv.get(key)
    const decisions: { decision: Decision; signed: string }[] = []
    for (const signed of bytes === undefined ? [] : decodeValue<string[]>(key, bytes)) {
      const decision = await this.opened(signed)
      const isOnThis =
        decision.id === id && decision.sha256 === sha256 && decision.reason === (outcome?.reason ?? '')
      if (isOnThis) decisions.push({ decision, signed })
    }
    return decisions
  }

  private opened(signed: string): Promise<Decision> {
    return this.parts.seal.openDecision(Buffer.from(signed, 'latin1'), decisionSchema)
  }
}

function isOpen({ outcome, withdrawnAt }: AbisRecord): boolean {
  return outcome?.status === 'ADJUDICATE_RECORD' && withdrawnAt === undefined
}
