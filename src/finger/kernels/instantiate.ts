/** WebAssembly as far as it is used here; TypeScript has its types only together with a browser's. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports?: object) => { readonly exports: unknown }
  readonly Memory: new (size: { initial: number; maximum: number; shared: true }) => SharedMemory
}

const PAGE_BYTES = 65536

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi }

export interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** A memory that several threads may hold: it crosses to another in a message. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer
  grow(pages: number): number
}

/** As much as 32-bit addresses reach; only what it has grown to takes room. */
const PAGES_MAX = 65536

export function newSharedMemory(bytes: number): SharedMemory {
  return new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES), maximum: PAGES_MAX, shared: true })
}

/** The exports of a module that works in a memory of the caller's. */
export function instantiateIn<Exports>(wasmBase64: string, memory: SharedMemory): Exports {
  const module = new WebAssembly.Module(Buffer.from(wasmBase64, 'base64'))
  return new WebAssembly.Instance(module, { env: { memory } }).exports as Exports
}

/** The exports of a WebAssembly instance without imports, and its memory. */
export type Kernels<Exports> = Exports & { readonly memory: Memory }

/** Compiles and starts a module of `scripts/build-kernels.ts`; a millisecond or two. */
export function instantiate<Exports>(wasmBase64: string): Kernels<Exports> {
  const module = new WebAssembly.Module(Buffer.from(wasmBase64, 'base64'))
  return new WebAssembly.Instance(module).exports as Kernels<Exports>
}

/** Grows the memory to at least `bytes`. Views made before do not see what was added, or anything at all. */
export function growTo(memory: Memory | SharedMemory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES))
}
