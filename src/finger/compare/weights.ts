/** Made by `scripts/fit-comparison.ts`; do not edit. */

/** The log-odds that two prints are of one finger: intercept, then one weight a feature. */
export const logOdds: readonly number[] = [
  22.55, 4.522, -2.1754, -0.14835, -19.067, -0.14835, -36.381, 0.38776, -2.4663, -2.1754, -8.6481, 5.097,
  0.55944, 6.495, 1.0889,
]

/**
 * Calibration, ascending: at these log-odds, this score (-10 log10 of the false match rate). Straight
 * lines between; beyond the last, its slope goes on.
 */
export const calibration: readonly { readonly logOdds: number; readonly score: number }[] = [
  { logOdds: -18.4556, score: 0.0 },
  { logOdds: -8.2652, score: 3.01 },
  { logOdds: -4.0833, score: 10.0 },
  { logOdds: -0.4902, score: 20.0 },
  { logOdds: 8.2054, score: 60.0 },
]
