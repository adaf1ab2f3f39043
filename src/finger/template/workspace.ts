/**
 * Memory of one extraction, inside the WebAssembly module's, used again for the next: the engine
 * allocates nothing per image but its results. Everything handed out is good until the next `begin`.
 */
import { strict as assert } from 'node:assert'
import { type ExtractionKernels, newExtractionKernels } from '../kernels/extraction.ts'
import { growTo } from '../kernels/instantiate.ts'
import { CELL_PX, type Field } from './field.ts'
import { MARGIN_PX, type Plane } from './plane.ts'

/** What lies in memory: a pointer for the kernels, a view for TypeScript. */
export interface Buffer<View> {
  readonly pointer: number
  readonly view: View
}

const ALIGNMENT = 16

export class Workspace {
  readonly kernels: ExtractionKernels
  private readonly base: number
  private next = 0
  /** Memory from here on was never handed out: it still holds the zeros it came with. */
  private untouched = 0

  /** `tableBytes` at the start of the memory stay between images; see `tables`. */
  constructor(private readonly tableBytes: number) {
    this.kernels = newExtractionKernels()
    this.base = align(this.kernels.heapBase())
    growTo(this.kernels.memory, this.base + tableBytes)
    this.next = this.base + tableBytes
  }

  /** The part that stays: filled once by whoever made the workspace. */
  get tables(): Buffer<ArrayBuffer> {
    return { pointer: this.base, view: this.kernels.memory.buffer }
  }

  /** Forgets the last image and makes room for `bytes` of the next. */
  begin(bytes: number): void {
    this.next = this.base + align(this.tableBytes)
    growTo(this.kernels.memory, this.next + bytes)
  }

  /** Zeroed room; `begin` has promised that it is there. */
  private take(bytes: number): number {
    const pointer = this.next
    this.next = align(this.next + bytes)
    assert(this.next <= this.kernels.memory.buffer.byteLength)
    const used = Math.min(this.untouched - pointer, bytes)
    if (used > 0) new Uint8Array(this.kernels.memory.buffer, pointer, used).fill(0)
    this.untouched = Math.max(this.untouched, pointer + bytes)
    return pointer
  }

  bytes(length: number): Buffer<Uint8Array> {
    const pointer = this.take(length)
    return { pointer, view: new Uint8Array(this.kernels.memory.buffer, pointer, length) }
  }

  floats(length: number): Buffer<Float32Array> {
    const pointer = this.take(4 * length)
    return { pointer, view: new Float32Array(this.kernels.memory.buffer, pointer, length) }
  }

  integers(length: number): Buffer<Int32Array> {
    const pointer = this.take(4 * length)
    return { pointer, view: new Int32Array(this.kernels.memory.buffer, pointer, length) }
  }

  field(columns: number, rows: number): Field {
    const { pointer, view } = this.floats(columns * rows)
    return { columns, rows, pointer, values: view }
  }

  plane(columns: number, rows: number): Plane {
    const widthPx = columns * CELL_PX
    const heightPx = rows * CELL_PX
    const stride = widthPx + 2 * MARGIN_PX
    const pointer = this.take(2 * stride * (heightPx + 2 * MARGIN_PX))
    const length = stride * (heightPx + 2 * MARGIN_PX)
    const origin = MARGIN_PX * stride + MARGIN_PX
    return {
      widthPx,
      heightPx,
      stride,
      origin,
      pointer: pointer + 2 * origin,
      values: new Int16Array(this.kernels.memory.buffer, pointer, length),
    }
  }
}

export function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
}
