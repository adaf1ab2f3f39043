/** Made by `scripts/fit-comparison.ts`; do not edit. */

/** The log-odds that two prints are of one finger: intercept, then one weight a feature. */
export const logOdds: readonly number[] = [
  -19.228, -1.8002, 1.5243, -8.1574, 15.589, 38.064, -22.861, -0.47875, 0.62353, -5.5016, 4.814, 4.0401,
  0.71139, 1.4188, 0.18613,
]

/**
 * Calibration, ascending: at these log-odds, this score (-10 log10 of the false match rate). Straight
 * lines between; beyond the last, its slope goes on.
 */
export const calibration: readonly { readonly logOdds: number; readonly score: number }[] = [
  { logOdds: -24.4119, score: 0.0 },
  { logOdds: -6.9895, score: 3.01 },
  { logOdds: -4.1988, score: 10.0 },
  { logOdds: -1.6146, score: 20.0 },
  { logOdds: 6.2851, score: 60.0 },
]
