/** For whom an image is: the same recipe, and what differs. */
export interface Variant {
  /** The board file that the kiosk runs with. */
  readonly board: string
  /** What the kernel is told, beside its root. */
  readonly kernelWords: string
  /** Folder of files, beside `files`, that only this variant has. */
  readonly files?: string
  /** Units that only this variant starts, below `/etc/systemd/system`, and by what. */
  readonly units?: Readonly<Record<string, string>>
}

export const variants = {
  virt: {
    board: 'simulated',
    kernelWords: 'console=ttyAMA0',
    files: 'files-virt',
    units: { 'agent.socket': 'sockets.target' },
  },
} as const satisfies Record<string, Variant>

export type VariantName = keyof typeof variants
export const variantNames = Object.keys(variants) as readonly VariantName[]
