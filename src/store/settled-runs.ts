import type { Kv } from '../kv/kv.ts'
import { decodeValue, keyOf, type LedgerStart, parseSettledKey, under } from './layout.ts'

/** The ledger's numbers, as runs: it is almost contiguous. */
export class SettledRuns {
  private readonly runs: { first: number; last: number }[] = []
  /** Their entries are damaged: the key alone says that they were settled. */
  private readonly damaged = new Set<number>()

  /** `through`: of the ledger's beginning. */
  private constructor(readonly through: number) {
    if (through > 0) this.runs.push({ first: 1, last: through })
  }

  static async read(kv: Kv, onDamage: (key: string | undefined) => void): Promise<SettledRuns> {
    const settled = new SettledRuns(await readStart(kv, onDamage))
    const onCorrupt = (key: string | undefined) => {
      onDamage(key)
      const sequence = key === undefined ? undefined : parseSettledKey(key)
      if (sequence !== undefined) settled.damaged.add(sequence)
    }
    for await (const { key } of kv.range({ ...under('settled/'), onCorrupt })) {
      const sequence = parseSettledKey(key)
      if (sequence !== undefined) settled.add(sequence)
    }
    return settled
  }

  get highest(): number {
    return this.runs.at(-1)?.last ?? 0
  }

  has(sequence: number): boolean {
    let low = 0
    let high = this.runs.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.runs[middle].last < sequence) low = middle + 1
      else high = middle
    }
    const inRun = low < this.runs.length && this.runs[low].first <= sequence
    return inRun || this.damaged.has(sequence)
  }

  private add(sequence: number): void {
    const run = this.runs.at(-1)
    if (run && sequence <= run.last) return
    if (run && run.last + 1 === sequence) run.last = sequence
    else this.runs.push({ first: sequence, last: sequence })
  }
}

/** 0: the ledger was never shortened. The same stands under two keys far apart: without it everything would be missing. */
async function readStart(kv: Kv, onDamage: (key: string | undefined) => void): Promise<number> {
  let through = 0
  for (const start of keyOf.ledgerStarts)
    for await (const { key, value } of kv.range({ from: start, to: `${start}\u0000`, onCorrupt: onDamage }))
      through = Math.max(through, decodeValue<LedgerStart>(key, value).through)
  return through
}
