/** What is said of a bundle by whom signed it. */
export interface BundleInfo {
  readonly version: string
  readonly compatible: string
  readonly description: string
  /** Of the file system in it. */
  readonly imageBytes: number
}

/** The two root file systems, and the program that fills the one that does not run. */
export interface Slots {
  /** Checks the signature. Rejects with `update/untrusted`, `update/unreadable`. */
  info(bundle: string): Promise<BundleInfo>
  /**
   * Fills the other slot and lets the next boot take it; minutes. Rejects with `update/not-installed`, also when `signal`
   * aborts: what was begun goes on by itself, and until it has ended the rest here rejects with `update/no-slots`.
   */
  install(bundle: string, signal: AbortSignal): Promise<void>
  /** The running slot keeps being booted. Rejects with `update/no-slots`. */
  markGood(): Promise<void>
  /** The running slot is not booted again. Rejects with `update/no-slots`. */
  markBad(): Promise<void>
  /** Rejects with `update/no-slots`. */
  status(): Promise<SlotStatus>
}

export interface SlotStatus {
  readonly compatible: string
  /** Name of the slot that runs, as `A`. */
  readonly booted: string
  readonly otherBytes: number
}
