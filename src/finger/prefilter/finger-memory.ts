/**
 * How an index of fingers lies in one memory, which one thread writes and any number of threads search.
 *
 *     header       how many blocks there are, how many fingers, how many bits their bags have, how many people
 *                  somebody named, where free memory begins: i32 each
 *     spread       how many fingers have each of the 8,192 bits: u32
 *     block table  where each block of 512 slots begins: u32; then which of a person's fingers lie in it: u8
 *     work areas   one a thread, for its kernels (`kernels/assembly/prefilter/work.ts`)
 *     blocks, and among them chunks of packed templates, as they were needed
 *
 *     a block      its bags, bit by bit (64 bytes a bit); its fingers as the kernel `vote` reads them; then a column
 *                  each of what is known of a slot: see `Columns`
 *
 * Slots number the fingers, 512 a block. A slot's version is odd while it is written: a reader that sees it odd or changed meanwhile lets the finger go.
 */
import { growTo, newSharedMemory, type SharedMemory } from '../kernels/instantiate.ts'
import { CODE_BYTES } from './encode.ts'

export const BLOCK_FINGERS = 512
export const ROWS = 256 * CODE_BYTES
export const ROW_BYTES = BLOCK_FINGERS / 8
/** So many minutiae of a finger vote, by so much of their codes, with their places. */
export const VOTERS_MAX = 40
export const VOTER_CODE_BYTES = 8
export const VOTER_PLACE_BYTES = 6
const FINGER_BYTES = VOTERS_MAX * (VOTER_CODE_BYTES + VOTER_PLACE_BYTES)

/** The writer is thread 0. */
export const THREADS_MAX = 17
const WORK_BYTES = 28 * 1024
const BLOCKS_MAX = 4096

const HEADER_BYTES = 64
const SPREAD_AT = HEADER_BYTES
const TABLE_AT = SPREAD_AT + 4 * ROWS
const POSITIONS_AT = TABLE_AT + 4 * BLOCKS_MAX
const WORK_AT = POSITIONS_AT + BLOCKS_MAX
const FREE_AT = WORK_AT + THREADS_MAX * WORK_BYTES

const FINGERS_AT = ROWS * ROW_BYTES
const COLUMNS_AT = FINGERS_AT + BLOCK_FINGERS * FINGER_BYTES
const BLOCK_BYTES = COLUMNS_AT + BLOCK_FINGERS * (4 + 4 + 4 + 2 + 2)

/** By slot of one block. */
interface Columns {
  readonly version: Int32Array
  /** Where its packed template stands: its length (u16), then its bytes. */
  readonly templateAt: Uint32Array
  /** Whose it is; -1 where nobody said so. */
  readonly person: Int32Array
  /** How many bits its bag has; 0 where there is no finger. */
  readonly bits: Uint16Array
  /** How many of its minutiae vote. */
  readonly voters: Uint8Array
}

const HEADER = { blocks: 0, size: 1, bitsInAll: 2, people: 3, top: 4 } as const

export class FingerMemory {
  private readonly columns: Columns[] = []
  private readonly header: Int32Array
  readonly spread: Uint32Array
  private readonly table: Uint32Array
  private readonly positions: Uint8Array

  constructor(readonly memory: SharedMemory = newSharedMemory(FREE_AT)) {
    this.header = new Int32Array(memory.buffer, 0, HEADER_BYTES / 4)
    this.spread = new Uint32Array(memory.buffer, SPREAD_AT, ROWS)
    this.table = new Uint32Array(memory.buffer, TABLE_AT, BLOCKS_MAX)
    this.positions = new Uint8Array(memory.buffer, POSITIONS_AT, BLOCKS_MAX)
  }

  static workAt(thread: number): number {
    return WORK_AT + thread * WORK_BYTES
  }

  /** A thread sees what another one added a moment after it was. */
  get blocks(): number {
    const blocks = Atomics.load(this.header, HEADER.blocks)
    const { byteLength } = this.memory.buffer
    return blocks === 0 || this.table[blocks - 1] + BLOCK_BYTES <= byteLength ? blocks : blocks - 1
  }

  get size(): number {
    return Atomics.load(this.header, HEADER.size)
  }

  /** How many bits all bags have. */
  get bitsInAll(): number {
    return Atomics.load(this.header, HEADER.bitsInAll)
  }

  get bytes(): number {
    return this.memory.buffer.byteLength
  }

  /** Numbers of people are below this. */
  get people(): number {
    return Atomics.load(this.header, HEADER.people)
  }

  /** The writer's. */
  meet(person: number): void {
    if (person >= this.people) Atomics.store(this.header, HEADER.people, person + 1)
  }

  /** The writer's: so many fingers and bits more; less where negative. */
  count(fingers: number, bits: number): void {
    Atomics.add(this.header, HEADER.size, fingers)
    Atomics.add(this.header, HEADER.bitsInAll, bits)
  }

  /** The writer's: a block for fingers of this position alone (0: of any); gives back its number. */
  newBlock(position: number): number {
    const block = this.blocks
    this.table[block] = this.reserve(BLOCK_BYTES)
    this.positions[block] = position
    Atomics.store(this.header, HEADER.blocks, block + 1)
    return block
  }

  /** The writer's: room that is not given back. */
  reserve(bytes: number): number {
    const at = this.header[HEADER.top] >>> 0 || FREE_AT
    const top = at + ((bytes + 63) & ~63)
    growTo(this.memory, top)
    this.header[HEADER.top] = top
    return at
  }

  blockAt(block: number): number {
    return this.table[block]
  }

  /** Which fingers lie in it, ISO code; 0 where any may. */
  positionOf(block: number): number {
    return this.positions[block]
  }

  fingerAt(slot: number): number {
    return this.blockAt(Math.floor(slot / BLOCK_FINGERS)) + FINGERS_AT + (slot % BLOCK_FINGERS) * FINGER_BYTES
  }

  /** All of a block. */
  blockBytes(block: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, this.blockAt(block), BLOCK_BYTES)
  }

  /** The bags of a slot's block. */
  bagsOf(slot: number): Uint8Array {
    return this.blockBytes(Math.floor(slot / BLOCK_FINGERS)).subarray(0, ROWS * ROW_BYTES)
  }

  /** A finger's bytes. */
  fingerOf(slot: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, this.fingerAt(slot), FINGER_BYTES)
  }

  columnsOf(block: number): Columns {
    return (this.columns[block] ??= this.viewColumns(this.blockAt(block) + COLUMNS_AT))
  }

  private viewColumns(at: number): Columns {
    const { buffer } = this.memory
    const n = BLOCK_FINGERS
    return {
      version: new Int32Array(buffer, at, n),
      templateAt: new Uint32Array(buffer, at + 4 * n, n),
      person: new Int32Array(buffer, at + 8 * n, n),
      bits: new Uint16Array(buffer, at + 12 * n, n),
      voters: new Uint8Array(buffer, at + 14 * n, n),
    }
  }

  versionOf(slot: number): number {
    return Atomics.load(this.columnsOf(Math.floor(slot / BLOCK_FINGERS)).version, slot % BLOCK_FINGERS)
  }

  /** A copy of the packed template in the slot; undefined where there is none, or another came meanwhile. */
  packedOf(slot: number): Uint8Array | undefined {
    const version = this.versionOf(slot)
    const { templateAt, bits } = this.columnsOf(Math.floor(slot / BLOCK_FINGERS))
    const at = templateAt[slot % BLOCK_FINGERS]
    const { buffer } = this.memory
    if ((version & 1) === 1 || bits[slot % BLOCK_FINGERS] === 0) return undefined
    const length = new DataView(buffer, at, 2).getUint16(0, true)
    const packed = new Uint8Array(buffer, at + 2, length).slice()
    return this.versionOf(slot) === version ? packed : undefined
  }

  filledSlots(): number[] {
    const slots: number[] = []
    for (let block = 0; block < this.blocks; block++) {
      const { bits } = this.columnsOf(block)
      for (let place = 0; place < BLOCK_FINGERS; place++)
        if (bits[place] > 0) slots.push(block * BLOCK_FINGERS + place)
    }
    return slots
  }
}
