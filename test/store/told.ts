import type { KioskStore } from '../../src/store/store.ts'
import { findingsOf } from './fixture.ts'

/** What a busy child said before it died, and what its folder has to agree with. */
export class Told {
  readonly enrolled = new Map<string, { sequence: number; sha256: string }>()
  readonly settled = new Set<string>()
  /** sequence → id that was handed to the broker. */
  private readonly sent = new Map<number, string>()
  private readonly wrong: string[] = []

  hear(output: string): void {
    // The last line may be half a line: then it was not said.
    for (const line of output.split('\n').slice(0, -1)) {
      const [what, id, sequence, sha256] = line.split(' ')
      if (what === 'findings' && id !== '0') this.wrong.push(`a child found ${id} things`)
      if (what === 'enrolled') this.enrolled.set(id, { sequence: Number(sequence), sha256 })
      if (what === 'settled') this.settled.add(id)
      if (what === 'sent') {
        const other = this.sent.get(Number(sequence))
        if (other !== undefined && other !== id) this.wrong.push(`${sequence} was sent for two submissions`)
        this.sent.set(Number(sequence), id)
      }
    }
  }

  async contradictions(store: KioskStore): Promise<string[]> {
    const wrong = [...this.wrong]
    const sequences = [...this.enrolled.values()].map(({ sequence }) => sequence)
    const findings = findingsOf(store, sequences)
    if (findings.length > 0) wrong.push(`findings: ${JSON.stringify(findings)}`)
    const waiting = new Map((await store.outbox.peek(100_000)).map(entry => [entry.id, entry]))
    for (const [id, { sequence, sha256 }] of this.enrolled) {
      const record = await store.record(id)
      if (record?.sequence !== sequence || record.sha256 !== sha256) {
        wrong.push(`record ${sequence} is gone`)
        continue
      }
      const entry = waiting.get(id)
      if (entry && this.settled.has(id)) wrong.push(`${sequence} is settled and still waits`)
      const neverSent = this.sent.get(sequence) !== id
      const replaced = record.supersededBy !== undefined && neverSent
      const received = record.status !== 'SENT_FOR_ENROLLMENT'
      if (!entry && !received && !replaced) wrong.push(`${sequence} is not held`)
      if (entry && !neverSent && !entry.published) wrong.push(`${sequence} was sent and is not marked`)
    }
    return wrong
  }
}
