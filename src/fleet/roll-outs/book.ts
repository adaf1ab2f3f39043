import { randomBytes } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { KioskError } from '../../base/errors.ts'
import type { AuditChain } from '../../kv/audit-chain.ts'
import type { Kv } from '../../kv/kv.ts'
import { wantedImageSchema } from '../../settings/update-desired.ts'
import { decodeValue, encodeValue, under } from '../claims/layout.ts'
import { problemsForMany } from '../outcome.ts'
import type { RoomAuditEntry } from '../room/layout.ts'
import type { Cargo } from '../wish.ts'
import {
  type Counts,
  countsOf,
  isEnded,
  type KioskProgress,
  type Plan,
  type RollOut,
  type RollOutState,
} from './roll-out.ts'

const OPEN_MAX = 100
const LISTED_MAX = 200
const ID_BYTES = 4

const keyOf = {
  rollOut: (id: string) => `rollout/${id}`,
  progress: (id: string, kiosk: string) => `rollout-kiosk/${id}/${kiosk}`,
}

/** What a person does to a roll-out, from which states, and what it is then. */
const acts = {
  approve: { from: ['proposed'], to: 'approved' },
  pause: { from: ['running'], to: 'paused' },
  resume: { from: ['paused'], to: 'running' },
  cancel: { from: ['proposed', 'approved', 'running', 'paused'], to: 'cancelled' },
} as const satisfies Record<string, { from: readonly RollOutState[]; to: RollOutState }>
export type Act = keyof typeof acts
export const actNames = Object.keys(acts) as [Act, ...Act[]]

/**
 * Every roll-out, and how far it is at every kiosk: on the disk before it is done, so that whoever is killed in the
 * middle goes on where they were. People's acts are in the audit log, in the same batch.
 */
export class RollOutBook {
  private readonly rollOuts = new Map<string, RollOut>()
  /** Of those that have not ended. */
  private readonly open = new Map<string, Map<string, KioskProgress>>()
  /** Of those that have. */
  private readonly ended = new Map<string, Counts>()

  private constructor(
    private readonly kv: Kv,
    private readonly audit: AuditChain<RoomAuditEntry>,
    private readonly clock: Clock,
  ) {}

  /** Rejects with `kv/corrupt`, `kv/io`. */
  static async open(kv: Kv, audit: AuditChain<RoomAuditEntry>, clock: Clock): Promise<RollOutBook> {
    const book = new RollOutBook(kv, audit, clock)
    for await (const { key, value } of kv.range(under('rollout/'))) {
      const rollOut = decodeValue<RollOut>(key, value)
      book.rollOuts.set(rollOut.id, rollOut)
    }
    return book
  }

  /** Newest first. */
  list(): readonly RollOut[] {
    return [...this.rollOuts.values()]
      .sort((a, b) => (a.proposed.at < b.proposed.at ? 1 : -1))
      .slice(0, LISTED_MAX)
  }

  /** Throws `fleet/unknown-rollout`. */
  get(id: string): RollOut {
    const rollOut = this.rollOuts.get(id)
    if (rollOut === undefined) throw new KioskError('fleet/unknown-rollout', { rollout: id.slice(0, 16) })
    return rollOut
  }

  /** Rejects with `config/bad-value` naming what is wrong, `update/expired`, `fleet/too-many`. */
  async propose(cargo: Cargo, plan: Plan, by: string): Promise<RollOut> {
    this.check(cargo)
    const open = this.list().filter(({ state }) => !isEnded(state)).length
    if (open >= OPEN_MAX) throw new KioskError('fleet/too-many', { open })
    const at = this.at()
    const id = randomBytes(ID_BYTES).toString('hex')
    const rollOut: RollOut = { ...cargo, id, state: 'proposed', at, plan, proposed: { by, at } }
    await this.put(rollOut, { who: by, what: 'rollout-proposed' })
    return rollOut
  }

  /**
   * Rejects with `fleet/unknown-rollout`, `fleet/not-now` where its state does not allow it, and `fleet/same-person`
   * where the one who proposed it would approve it.
   */
  async act(id: string, act: Act, by: string): Promise<RollOut> {
    const rollOut = this.get(id)
    const { from, to } = acts[act]
    if (!(from as readonly RollOutState[]).includes(rollOut.state))
      throw new KioskError('fleet/not-now', { rollout: id, state: rollOut.state, act })
    if (act === 'approve' && rollOut.proposed.by === by) throw new KioskError('fleet/same-person', { by })
    const at = this.at()
    const approved = act === 'approve' ? { approved: { by, at } } : {}
    const changed: RollOut = { ...rollOut, ...approved, state: to, at }
    await this.put(changed, { who: by, what: `rollout-${act}` })
    return changed
  }

  /** It runs from now on, with this configuration, at these kiosks. */
  async begin(id: string, version: number, progress: ReadonlyMap<string, KioskProgress>): Promise<void> {
    const changed: RollOut = { ...this.get(id), state: 'running', at: this.at(), version }
    await this.note(id, progress)
    await this.put(changed, { who: 'tunggal', what: 'rollout-begun' })
  }

  async end(id: string, state: 'done' | 'stopped', reason?: RollOut['reason']): Promise<void> {
    const changed: RollOut = { ...this.get(id), state, at: this.at(), ...(reason && { reason }) }
    await this.put(changed, { who: 'tunggal', what: `rollout-${state}` })
  }

  /** How far it is at these kiosks: durable when it resolves. */
  async note(id: string, progress: ReadonlyMap<string, KioskProgress>): Promise<void> {
    if (progress.size === 0) return
    await this.kv.write(
      [...progress].map(([kiosk, each]) => ({ put: keyOf.progress(id, kiosk), value: encodeValue(each) })),
    )
    const known = this.open.get(id) ?? new Map<string, KioskProgress>()
    for (const [kiosk, each] of progress) known.set(kiosk, each)
    this.open.set(id, known)
  }

  /** Empty before it has begun. */
  async progress(id: string): Promise<ReadonlyMap<string, KioskProgress>> {
    const { state } = this.get(id)
    const known = this.open.get(id)
    if (known !== undefined) return known
    const progress = new Map<string, KioskProgress>()
    const prefix = keyOf.progress(id, '')
    for await (const { key, value } of this.kv.range(under(prefix)))
      progress.set(key.slice(prefix.length), decodeValue<KioskProgress>(key, value))
    if (!isEnded(state)) this.open.set(id, progress)
    return progress
  }

  /** How far it is, in numbers. */
  async counts(id: string): Promise<Counts> {
    const known = this.ended.get(id)
    if (known !== undefined) return known
    const counts = countsOf((await this.progress(id)).values())
    if (isEnded(this.get(id).state)) {
      this.ended.set(id, counts)
      this.open.delete(id)
    }
    return counts
  }

  private check(cargo: Cargo): void {
    if (cargo.image !== undefined) {
      const { image, expiresAt } = wantedImageSchema.parse(cargo.image)
      if (Date.parse(expiresAt) <= this.clock.nowMs())
        throw new KioskError('update/expired', { image, expiresAt })
      return
    }
    const [first, ...others] = problemsForMany(cargo.settings)
    if (first !== undefined) throw new KioskError('config/bad-value', { ...first, wrong: others.length + 1 })
  }

  private async put(rollOut: RollOut, entry: Pick<RoomAuditEntry, 'who' | 'what'>): Promise<void> {
    await this.audit.write({ at: this.at(), about: rollOut.id, ...entry }, [
      { put: keyOf.rollOut(rollOut.id), value: encodeValue(rollOut) },
    ])
    this.rollOuts.set(rollOut.id, rollOut)
  }

  private at(): string {
    return new Date(this.clock.nowMs()).toISOString()
  }
}
