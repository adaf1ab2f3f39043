import type { Core } from './core.ts'
import {
  decodeValue,
  keyOf,
  type LedgerStart,
  parseSettledKey,
  RECEIPTED_PREFIX,
  type SettledMeta,
} from './layout.ts'
import type { Transaction } from './transaction.ts'

const ENTRIES_A_COMMIT = 500

/**
 * What became of each sequence number, once it is no longer waiting. A kiosk lives for years, so the ledger is kept
 * short: its beginning, where every number is settled and no submission is kept that could go into the queue again,
 * is one number.
 */
export class Ledger {
  constructor(private readonly core: Core) {}

  /** Undefined: it is not settled, or only the beginning of the ledger knows it. */
  async entry(transaction: Transaction, sequence: number): Promise<SettledMeta | undefined> {
    return (await transaction.tryGet<SettledMeta>(keyOf.settled(sequence))).value
  }

  /** A damaged entry still says that its number was settled. */
  async has(transaction: Transaction, sequence: number): Promise<boolean> {
    if (sequence <= this.core.settledThrough) return true
    const { value, damaged } = await transaction.tryGet(keyOf.settled(sequence))
    return damaged || value !== undefined
  }

  async add(transaction: Transaction, sequence: number, settled: SettledMeta): Promise<void> {
    if (!(await this.has(transaction, sequence))) transaction.put(keyOf.settled(sequence), settled)
  }

  /** Its submission is kept since then; until it is dropped the number may go back into the queue. */
  async noteKept(transaction: Transaction, sequence: number, receiptedMs: number): Promise<void> {
    const settled = await this.entry(transaction, sequence)
    if (settled) transaction.put(keyOf.settled(sequence), { ...settled, receiptedMs } satisfies SettledMeta)
  }

  /** Shortens it as far as it may be. Stops for good before a number that is missing or damaged. */
  async trim(): Promise<void> {
    for (;;) {
      const trimmed = await this.core.run(transaction => this.trimIn(transaction))
      if (trimmed < ENTRIES_A_COMMIT) return
    }
  }

  private async trimIn(transaction: Transaction): Promise<number> {
    const before = this.core.settledThrough
    let through = before
    for await (const { key, value } of this.core.parts.kv.range({
      from: keyOf.settled(before + 1),
      to: keyOf.settled(before + 1 + ENTRIES_A_COMMIT),
      onCorrupt: () => {},
    })) {
      const sequence = parseSettledKey(key)
      if (sequence !== through + 1 || (await this.isKept(sequence, decodeValue(key, value)))) break
      transaction.delete(key)
      through = sequence
    }
    if (through === before) return 0
    for (const key of keyOf.ledgerStarts) transaction.put(key, { through } satisfies LedgerStart)
    transaction.afterwards(() => {
      this.core.settledThrough = through
    })
    return through - before
  }

  private async isKept(sequence: number, { id, receiptedMs }: SettledMeta): Promise<boolean> {
    if (receiptedMs === undefined) return false
    const key = keyOf.kept(RECEIPTED_PREFIX, receiptedMs, sequence, id)
    // The whole value, but a range of one key tells of a damaged one too.
    let isThere = false
    const note = () => {
      isThere = true
    }
    for await (const _ of this.core.parts.kv.range({ from: key, to: `${key}\u0000`, onCorrupt: note })) note()
    return isThere
  }
}
