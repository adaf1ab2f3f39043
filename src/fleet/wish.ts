/** Something that operations want of many kiosks: how it is signed for each, and what becomes of it. */
import type { KioskTopicName } from '../mqtt/topics.ts'
import type { OpsSeal, Sealed } from '../seal/seal.ts'
import type { Desired } from '../settings/desired.ts'
import type { WantedImage } from '../settings/update-desired.ts'
import { type Outcome, outcomeOf, updateOutcomeOf } from './outcome.ts'
import type { SeenKiosk } from './seen-kiosk.ts'

/** What is to be brought there: a configuration or an image. */
export type Cargo =
  | { readonly settings: Desired['settings']; readonly image?: undefined }
  | { readonly image: WantedImage; readonly settings?: undefined }

export interface Wish {
  readonly version: number
  readonly topic: Extract<KioskTopicName, 'config/desired' | 'update/desired'>
  seal(seal: OpsSeal, kiosk: string): Promise<Sealed>
  outcomeOf(seen: SeenKiosk): Outcome
  /** The version that the broker keeps for a kiosk; 0: none. */
  wantedOf(seen: SeenKiosk): number
}

export function wishOf(cargo: Cargo, version: number): Wish {
  if (cargo.image === undefined) {
    const desired = { version, settings: cargo.settings }
    return {
      version,
      topic: 'config/desired',
      seal: (seal, kiosk) => seal.sealConfig(kiosk, desired),
      outcomeOf: seen => outcomeOf(seen, version),
      wantedOf: seen => seen.desired?.version ?? 0,
    }
  }
  const desired = { version, ...cargo.image }
  return {
    version,
    topic: 'update/desired',
    seal: (seal, kiosk) => seal.sealUpdate(kiosk, desired),
    outcomeOf: seen => updateOutcomeOf(seen, version),
    wantedOf: ({ update }) => update?.desired?.version ?? 0,
  }
}

/** A number of which none of these kiosks has heard, with this kind of cargo. */
export function nextVersion({ image }: Cargo, kiosks: readonly SeenKiosk[]): number {
  const known = kiosks.flatMap(({ desired, reported, update = {} }) =>
    image === undefined
      ? [desired?.version ?? 0, reported?.version ?? 0]
      : [update.desired?.version ?? 0, update.reported?.version ?? 0, update.reported?.pending?.version ?? 0],
  )
  return known.reduce((most, each) => Math.max(most, each), 0) + 1
}
