import type { Clock } from '../../src/base/clock.ts'
import type { Log } from '../../src/base/log.ts'
import type { KeptValue } from '../../src/config/kept-value.ts'
import type { UpdateSeal } from '../../src/seal/seal.ts'
import type { UpdateSettings } from '../../src/settings/update.ts'
import type { HeldUpdate } from './held.ts'
import type { Slots } from './slots.ts'

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

/** What the updater works with. */
export interface UpdaterParts {
  readonly kept: KeptValue<HeldUpdate>
  readonly folder: string
  readonly slots: Slots
  readonly machine: Machine
  readonly channel: UpdateChannel
  readonly seal: UpdateSeal
  readonly clock: Clock
  readonly log: Log
  readonly kiosk: UpdatableKiosk
  readonly settings: () => UpdateSettings
  /** IANA name. */
  readonly timeZone: string
  /** PEM of whom https servers may lead to. */
  readonly authorities: readonly string[]
  /** Bytes that may be used without the store coming near its limit. */
  readonly freeBytes: () => Promise<number>
  /** Where a stick's files are; undefined: this machine takes none. */
  readonly stick?: string
}
