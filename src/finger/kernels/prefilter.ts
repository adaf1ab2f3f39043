import { instantiate, type Kernels } from './instantiate.ts'
import { wasmBase64 } from './prefilter.generated.ts'

/** The functions of `assembly/prefilter.ts`; what they do and what they need is written there. */
interface PrefilterExports {
  heapBase(): number
  minutiaeAt(): number
  tablesAt(): number
  projectionAt(): number
  descriptorsAt(): number
  codesAt(): number
  flippedAt(): number
  describeAll(count: number, coded: number, dimensions: number, cellPx: number, reachPx: number): void
}

export type PrefilterKernels = Kernels<PrefilterExports>

/** An instance of its own memory. */
export function newPrefilterKernels(): PrefilterKernels {
  return instantiate<PrefilterExports>(wasmBase64)
}
