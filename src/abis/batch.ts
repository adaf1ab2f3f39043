import type { Change, Kv } from '../kv/kv.ts'
import { decodeValue } from './layout.ts'

/** Changes that are gathered for one write, and that reads already see. */
export class Batch {
  private readonly values = new Map<string, Uint8Array>()
  private readonly effects: (() => void)[] = []

  constructor(private readonly kv: Pick<Kv, 'get' | 'write'>) {}

  async get<T>(key: string): Promise<T | undefined> {
    const bytes = this.values.get(key) ?? (await this.kv.get(key))
    return bytes && decodeValue<T>(key, bytes)
  }

  put(key: string, value: Uint8Array): void {
    this.values.set(key, value)
  }

  /** What becomes true in memory once the changes are on the disk. */
  afterwards(effect: () => void): void {
    this.effects.push(effect)
  }

  async write(): Promise<void> {
    const changes: Change[] = [...this.values].map(([put, value]) => ({ put, value }))
    if (changes.length > 0) await this.kv.write(changes)
    for (const effect of this.effects) effect()
  }
}
