/** WebAssembly as far as it is used here; TypeScript has its types only together with a browser's. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi }

export interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** The exports of a WebAssembly instance without imports, and its memory. */
export type Kernels<Exports> = Exports & { readonly memory: Memory }

/** Compiles and starts a module of `scripts/build-kernels.ts`; a millisecond or two. */
export function instantiate<Exports>(wasmBase64: string): Kernels<Exports> {
  const module = new WebAssembly.Module(Buffer.from(wasmBase64, 'base64'))
  return new WebAssembly.Instance(module).exports as Kernels<Exports>
}

const PAGE_BYTES = 65536

/** Grows the memory to at least `bytes`. Views made before see an empty buffer after a growth. */
export function growTo(memory: Memory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES))
}
