import { instantiateIn, type SharedMemory } from './instantiate.ts'
import { wasmBase64 } from './search.generated.ts'

/** The functions of `assembly/search.ts`; what they do and what they need is written there. */
export interface SearchKernels {
  useWork(at: number): void
  rowsAt(): number
  countsAt(): number
  turnsAt(): number
  ballotAt(): number
  worthsAt(): number
  probeAt(): number
  scoresAt(): number
  scan(bag: number, out: number): void
  vote(probeCount: number, finger: number, count: number): number
  voteAll(probeCount: number, fingers: number): void
  agreement(probeCount: number, finger: number, count: number): number
}

/** An instance that works at `workAt` of the memory, 28 KiB that are nobody else's. */
export function newSearchKernels(memory: SharedMemory, workAt: number): SearchKernels {
  const kernels = instantiateIn<SearchKernels>(wasmBase64, memory)
  kernels.useWork(workAt)
  return kernels
}
