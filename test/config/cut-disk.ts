import { KioskError } from '../../src/base/errors.ts'
import type { Disk } from '../../src/config/disk.ts'

/** A file, whatever its name. */
interface Inode {
  current: Uint8Array
  /** What a power cut is sure to leave; undefined: it was never synced. */
  synced: Uint8Array | undefined
}

/** What becomes of bytes that were never synced. */
export const fates = ['lost', 'whole', 'torn', 'zeros'] as const
export type Fate = (typeof fates)[number]

/**
 * A folder in memory that loses its power before operation number `cutAt`; from then on everything rejects. Names
 * change on the disk in the order they were changed, and how many of the last ones survive is anybody's guess.
 */
export class CutDisk implements Disk {
  operations = 0
  private names = new Map<string, Inode>()
  private readonly pending: (() => void)[] = []
  private durable = new Map<string, Inode>()

  constructor(public cutAt = Number.POSITIVE_INFINITY) {}

  async read(name: string): Promise<Uint8Array | undefined> {
    return this.names.get(name)?.current
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    this.step()
    const file = this.names.get(name)
    if (file) file.current = bytes
    else {
      const made: Inode = { current: bytes, synced: undefined }
      this.names.set(name, made)
      this.pending.push(() => this.durable.set(name, made))
    }
  }

  async sync(name: string): Promise<void> {
    this.step()
    const file = this.names.get(name)!
    file.synced = file.current
  }

  async rename(from: string, to: string): Promise<void> {
    this.step()
    const file = this.names.get(from)!
    this.names.delete(from)
    this.names.set(to, file)
    this.pending.push(() => {
      this.durable.delete(from)
      this.durable.set(to, file)
    })
  }

  async syncFolder(): Promise<void> {
    this.step()
    for (const change of this.pending.splice(0)) change()
  }

  /** How many changes of names might be lost. */
  get volatileNames(): number {
    return this.pending.length
  }

  /** The disk as it is found afterwards: the first `namesKept` of the volatile changes of names, bytes by `fate`. */
  afterCut(namesKept: number, fate: Fate): CutDisk {
    for (const change of this.pending.splice(0).slice(0, namesKept)) change()
    const after = new CutDisk()
    for (const [name, file] of this.durable) {
      const bytes = remains(file, fate)
      const kept: Inode = { current: bytes, synced: bytes }
      after.names.set(name, kept)
      after.durable.set(name, kept)
    }
    return after
  }

  /** Flips one bit. */
  rot(name: string, bit: number): void {
    const file = this.names.get(name)!
    file.current = Uint8Array.from(file.current)
    file.current[bit >> 3] ^= 1 << (bit & 7)
  }

  private step(): void {
    if (this.operations++ >= this.cutAt) throw new KioskError('kv/io')
  }
}

function remains({ current, synced }: Inode, fate: Fate): Uint8Array {
  if (synced === current) return current
  switch (fate) {
    case 'lost':
      return synced ?? new Uint8Array(0)
    case 'whole':
      return current
    case 'torn':
      return current.subarray(0, current.length / 2)
    case 'zeros':
      return new Uint8Array(current.length)
  }
}
