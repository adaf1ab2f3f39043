/** Something that operations want of many kiosks: how it is signed for each, and what becomes of it. */
import type { KioskTopicName } from '../mqtt/topics.ts'
import type { OpsSeal, Sealed } from '../seal/seal.ts'
import type { Desired } from '../settings/desired.ts'
import type { DesiredUpdate } from '../settings/update-desired.ts'
import { type Outcome, outcomeOf, updateOutcomeOf } from './outcome.ts'
import type { SeenKiosk } from './seen-kiosk.ts'

export interface Wish {
  readonly version: number
  readonly topic: Extract<KioskTopicName, 'config/desired' | 'update/desired'>
  seal(seal: OpsSeal, kiosk: string): Promise<Sealed>
  outcomeOf(seen: SeenKiosk): Outcome
}

export function configWish(desired: Desired): Wish {
  const { version } = desired
  return {
    version,
    topic: 'config/desired',
    seal: (seal, kiosk) => seal.sealConfig(kiosk, desired),
    outcomeOf: seen => outcomeOf(seen, version),
  }
}

export function updateWish(desired: DesiredUpdate): Wish {
  const { version } = desired
  return {
    version,
    topic: 'update/desired',
    seal: (seal, kiosk) => seal.sealUpdate(kiosk, desired),
    outcomeOf: seen => updateOutcomeOf(seen, version),
  }
}
