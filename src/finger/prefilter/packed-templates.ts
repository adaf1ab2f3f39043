import type { FingerMemory } from './finger-memory.ts'

const STEP_BYTES = 64
const CHUNK_BYTES = 1 << 20
const LENGTH_BYTES = 2

/** The room that packed templates take in a memory: in steps of 64 bytes; what was given back is used again. */
export class PackedTemplates {
  /** Of each number of steps, what was given back. */
  private readonly free: number[][] = []
  private at = 0
  private end = 0

  constructor(private readonly memory: FingerMemory) {}

  /** Where it stands from now on. */
  put(packed: Uint8Array): number {
    const steps = stepsOf(packed.length)
    const at = this.free[steps]?.pop() ?? this.take(steps * STEP_BYTES)
    const { buffer } = this.memory.memory
    new DataView(buffer, at, LENGTH_BYTES).setUint16(0, packed.length, true)
    new Uint8Array(buffer, at + LENGTH_BYTES, packed.length).set(packed)
    return at
  }

  /** Wipes it. */
  giveBack(at: number): void {
    const { buffer } = this.memory.memory
    const length = new DataView(buffer, at, LENGTH_BYTES).getUint16(0, true)
    new Uint8Array(buffer, at, LENGTH_BYTES + length).fill(0)
    const steps = stepsOf(length)
    ;(this.free[steps] ??= []).push(at)
  }

  private take(bytes: number): number {
    if (this.at + bytes > this.end) {
      const chunk = this.memory.reserve(CHUNK_BYTES)
      // Where chunks adjoin, nothing between them is lost.
      if (chunk !== this.end) this.at = chunk
      this.end = chunk + CHUNK_BYTES
    }
    const at = this.at
    this.at += bytes
    return at
  }
}

function stepsOf(length: number): number {
  return Math.ceil((LENGTH_BYTES + length) / STEP_BYTES)
}
