import { wasmBase64 } from './comparison.generated.ts'
import { instantiate, type Kernels } from './instantiate.ts'

/** The functions of `assembly/comparison.ts`; what they do is written there. */
interface ComparisonExports {
  slotA(): number
  slotB(): number
  workbench(): number
  featuresAt(): number
  exitsAt(): number
  cellOfAt(): number
  cellXAt(): number
  cellYAt(): number
  nearnessAt(): number
  agreementAt(): number
  turnsAt(): number
  describe(print: number, radiusPx: number): void
  measure(a: number, b: number, exhaustive: number): number
}

export type ComparisonKernels = Kernels<ComparisonExports>

/** An instance of its own memory. */
export function newComparisonKernels(): ComparisonKernels {
  return instantiate<ComparisonExports>(wasmBase64)
}
