import { en } from './en.ts'
import { id } from './id.ts'

/** Indonesian is the original: the others have what it has. A new language is one file more. */
export type FleetTexts = typeof id
export type FleetLanguage = 'id' | 'en'

export const fleetTexts: Readonly<Record<FleetLanguage, FleetTexts>> = { id, en }
