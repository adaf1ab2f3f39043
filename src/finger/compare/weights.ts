/** Made by `scripts/fit-comparison.ts`; do not edit. */

/** The log-odds that two prints are of one finger: intercept, then one weight a feature. */
export const logOdds: readonly number[] = [
  -18.388, -1.5768, 2.3101, -8.0411, 11.685, 35.523, -18.273, -0.51313, 0.43233, -5.8874, 4.7912, 4.3685,
  0.69026, 0.84272, 0.22862,
]

/**
 * Calibration, ascending: at these log-odds, this score (-10 log10 of the false match rate). Straight
 * lines between; beyond the last, its slope goes on.
 */
export const calibration: readonly { readonly logOdds: number; readonly score: number }[] = [
  { logOdds: -21.4292, score: 0.0 },
  { logOdds: -6.904, score: 3.01 },
  { logOdds: -4.1853, score: 10.0 },
  { logOdds: -1.5286, score: 20.0 },
  { logOdds: 6.6425, score: 60.0 },
]
