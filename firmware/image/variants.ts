/** For whom an image is: the same recipe, and what differs. */
export interface Variant {
  /** The board file that the kiosk runs with. */
  readonly board: string
  /** What the kernel is told, beside its root. */
  readonly kernelWords: string
  /** A hand for tests, at a port of the machine: only where no citizen will ever stand. */
  readonly hasAgent: boolean
}

export const variants = {
  virt: { board: 'simulated', kernelWords: 'console=ttyAMA0', hasAgent: true },
} as const satisfies Record<string, Variant>

export type VariantName = keyof typeof variants
export const variantNames = Object.keys(variants) as readonly VariantName[]
