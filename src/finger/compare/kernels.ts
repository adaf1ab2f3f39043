import { type ComparisonKernels, newComparisonKernels } from '../kernels/comparison.ts'

/** One instance for all comparisons of a thread: they run one after the other. */
export const kernels: ComparisonKernels = newComparisonKernels()
export const memory = new Uint8Array(kernels.memory.buffer)
