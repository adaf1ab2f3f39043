/** Made by `scripts/fit-comparison.ts`; do not edit. */

/** The log-odds that two prints are of one finger: intercept, then one weight a feature. */
export const logOdds: readonly number[] = [
  -18.454, -1.6909, 1.5795, -7.692, 13.865, 37.509, -21.105, -0.39513, 0.62672, -5.717, 3.3589, 4.1474,
  0.69798, 1.545, 0.21783,
]

/**
 * Calibration, ascending: at these log-odds, this score (-10 log10 of the false match rate). Straight
 * lines between; beyond the last, its slope goes on.
 */
export const calibration: readonly { readonly logOdds: number; readonly score: number }[] = [
  { logOdds: -24.0727, score: 0.0 },
  { logOdds: -6.9573, score: 3.01 },
  { logOdds: -4.1958, score: 10.0 },
  { logOdds: -1.5791, score: 20.0 },
  { logOdds: 6.1908, score: 60.0 },
]
