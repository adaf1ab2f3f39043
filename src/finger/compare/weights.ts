// Made by scripts/fit-comparison.ts: do not edit.

/** How the features of a comparison become a score. */
export interface Model {
  /** Less support among the candidate pairs than this ends a comparison. */
  readonly relaxedMin: number
  /** Lower log-odds than these after one alignment end it. */
  readonly logOddsMin: number
  /** The log-odds that two prints are of one finger, where that is as likely as not: this, and a weight a feature. */
  readonly intercept: number
  readonly weights: readonly number[]
  /** Ascending: at these log-odds, this score. Straight lines between; at both ends the last line goes on. */
  readonly calibration: readonly { readonly logOdds: number; readonly score: number }[]
}

/** Both prints have the texture of the ridges round their minutiae; or not. */
export const models: { readonly textured: Model; readonly plain: Model } = {
  textured: {
    relaxedMin: 0.975858,
    logOddsMin: -4.88598,
    intercept: -18.3766,
    weights: [
      -1.11099, // strength
      1.39611, // pairs
      -8.08406, // pairedShare
      28.6082, // local
      39.165, // reliablePairedShare
      -34.8051, // bestLocal
      -0.566985, // residual
      1.03897, // unpaired
      -5.92645, // reliablePairs
      2.39164, // second
      4.54724, // shareOfStrength
      0.648572, // overlap
      1.32388, // relaxed
      0.401113, // kind
    ],
    calibration: [
      { logOdds: -9.09356, score: 0.9691 },
      { logOdds: -7.2891, score: 3.0103 },
      { logOdds: -4.26892, score: 10 },
      { logOdds: -1.43224, score: 20 },
      { logOdds: 8.79285, score: 60 },
    ],
  },
  plain: {
    relaxedMin: 0.698225,
    logOddsMin: -4.58258,
    intercept: -11.5984,
    weights: [
      -0.120092, // strength
      1.8905, // pairs
      -9.5362, // pairedShare
      9.36031, // local
      34.605, // reliablePairedShare
      -25.1612, // bestLocal
      -0.243379, // residual
      0.720344, // unpaired
      -6.70376, // reliablePairs
      -1.01157, // second
      5.34208, // shareOfStrength
      0.695743, // overlap
      1.85479, // relaxed
      0.33245, // kind
    ],
    calibration: [
      { logOdds: -8.26585, score: 0.9691 },
      { logOdds: -6.7027, score: 3.0103 },
      { logOdds: -4.01368, score: 10 },
      { logOdds: -1.20487, score: 20 },
      { logOdds: 7.39853, score: 60 },
    ],
  },
}
