/** The kiosk, as far as an image is concerned. */
export interface UpdatableKiosk {
  /** What is wrong with it, in words that stay the same while it is wrong. */
  troubles(): Promise<readonly string[]>
  readonly isIdle: boolean
  /** Nobody begins a visit any more: the machine is going to be restarted. */
  retire(): void
}

/** The board beneath. */
export interface Machine {
  /** Of the image that runs. */
  readonly version: string
  /** Another one with every boot. */
  readonly bootId: string
  reboot(): Promise<void>
  /** The image that runs need not be left (see `tunggal-trial.timer`). */
  sayGood(): Promise<void>
}

/** The way to operations. */
export interface UpdateChannel {
  subscribe(take: (body: Uint8Array) => Promise<void>): Promise<void>
  onConnection(listener: () => void): () => void
  /** Goes nowhere while there is no connection. */
  report(body: Uint8Array): void
}
