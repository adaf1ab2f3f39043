import type { KeptFile } from './kept-file.ts'

/** A value in memory and on the disk: the disk first, one change after the other. */
export class KeptValue<T> {
  private changing: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly file: Pick<KeptFile<T>, 'write'>,
    private now: T,
  ) {}

  get held(): T {
    return this.now
  }

  /** In force once it is durable. Rejects with `kv/io`, and then nothing has changed. */
  async change(next: (held: T) => T): Promise<T> {
    const changed = this.changing.then(async () => {
      const held = next(this.now)
      if (held === this.now) return held
      await this.file.write(held)
      this.now = held
      return held
    })
    this.changing = changed.catch(() => {})
    return changed
  }
}
