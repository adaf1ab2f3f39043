/** Made by `scripts/fit-quality.ts`: weight of each feature in the utility, and its zero. */
import type { FeatureName } from './features.ts'

export const WEIGHTS: Readonly<Record<FeatureName, number>> = {
  area: 0.1791,
  minutiae: 0.2395,
  coherence: 7.295,
  notWet: 3.91,
  centred: 0.376,
  evenPeriod: 1.301,
}
export const BIAS = -6.294
