// Made by scripts/fit-comparison.ts: do not edit.

/** The log-odds that two prints are of one finger, where that is as likely as not: this, and a weight a feature. */
export interface Weights {
  readonly intercept: number
  readonly weights: readonly number[]
}

export interface Step extends Weights {
  /** Ascending: at these log-odds, this score. Straight lines between; at both ends the last line goes on. */
  readonly calibration: readonly { readonly logOdds: number; readonly score: number }[]
}

export interface Exit extends Step {
  /** Lower log-odds than these end a comparison here. */
  readonly logOddsMin: number
}

/** How the features of a comparison become a score: of the first alignment, and of all. */
export interface Model {
  readonly first: Exit
  readonly last: Step
}

/** With a quick look between; its features and the thorough look's make the last step. */
export interface QuickModel extends Model {
  readonly quick: Exit
}

/** Both prints have the texture of the ridges round their minutiae; or not. */
export const models: { readonly textured: QuickModel; readonly plain: Model } = {
  textured: {
    first: {
      logOddsMin: -5.25919,
      intercept: -4.27265,
      weights: [
        -0.406227, // strength
        2.70566, // pairs
        -14.9453, // pairedShare
        -6.00448, // local
        21.73, // reliablePairedShare
        -5.46036, // bestLocal
        -0.050058, // residual
        -0.45524, // unpaired
        -6.44938, // reliablePairs
        -3.14165, // second
        7.36982, // shareOfStrength
        0.641906, // overlap
        2.15094, // relaxed
        0.292389, // kind
      ],
      calibration: [
        { logOdds: -6.538, score: 0.9691 },
        { logOdds: -5.25919, score: 3.0103 },
        { logOdds: -3.22959, score: 10 },
        { logOdds: -1.07478, score: 20 },
        { logOdds: 6.55751, score: 60 },
      ],
    },
    quick: {
      logOddsMin: -2.34339,
      intercept: -16.7484,
      weights: [
        -1.46949, // strength
        2.87384, // pairs
        -11.8828, // pairedShare
        11.7473, // local
        28.5596, // reliablePairedShare
        -6.21316, // bestLocal
        -0.362439, // residual
        0.269278, // unpaired
        -5.39567, // reliablePairs
        -1.03123, // second
        5.49595, // shareOfStrength
        0.545125, // overlap
        1.02216, // relaxed
        0.228924, // kind
      ],
      calibration: [
        { logOdds: -7.56252, score: 0.9691 },
        { logOdds: -6.02768, score: 3.0103 },
        { logOdds: -3.65327, score: 10 },
        { logOdds: -1.26376, score: 20 },
        { logOdds: 7.42391, score: 60 },
      ],
    },
    last: {
      intercept: -19.6756,
      weights: [
        -1.11283, // quick strength
        1.10398, // quick pairs
        -8.02474, // quick pairedShare
        4.38725, // quick local
        15.0357, // quick reliablePairedShare
        -4.35533, // quick bestLocal
        -0.200838, // quick residual
        0.105373, // quick unpaired
        -2.57966, // quick reliablePairs
        -1.20328, // quick second
        2.51446, // quick shareOfStrength
        0.129955, // quick overlap
        0.727259, // quick relaxed
        0.127597, // quick kind
        -1.09073, // thorough strength
        1.60451, // thorough pairs
        -8.2506, // thorough pairedShare
        17.4485, // thorough local
        29.9238, // thorough reliablePairedShare
        -19.0779, // thorough bestLocal
        -0.433074, // thorough residual
        0.744447, // thorough unpaired
        -4.38731, // thorough reliablePairs
        1.54705, // thorough second
        3.35499, // thorough shareOfStrength
        0.561007, // thorough overlap
        1.14582, // thorough relaxed
        0.34959, // thorough kind
      ],
      calibration: [
        { logOdds: -9.59225, score: 0.9691 },
        { logOdds: -7.65129, score: 3.0103 },
        { logOdds: -4.57459, score: 10 },
        { logOdds: -1.56434, score: 20 },
        { logOdds: 7.89379, score: 60 },
      ],
    },
  },
  plain: {
    first: {
      logOddsMin: -6.25089,
      intercept: -9.80668,
      weights: [
        -0.531416, // strength
        1.45009, // pairs
        -13.9756, // pairedShare
        7.70928, // local
        31.7928, // reliablePairedShare
        -20.3743, // bestLocal
        -0.152905, // residual
        0.363818, // unpaired
        -6.21637, // reliablePairs
        -0.000434742, // second
        5.72466, // shareOfStrength
        0.712343, // overlap
        2.90771, // relaxed
        0.2881, // kind
      ],
      calibration: [
        { logOdds: -7.65543, score: 0.9691 },
        { logOdds: -6.25089, score: 3.0103 },
        { logOdds: -3.8054, score: 10 },
        { logOdds: -1.16651, score: 20 },
        { logOdds: 7.21805, score: 60 },
      ],
    },
    last: {
      intercept: -12.6578,
      weights: [
        -0.100089, // strength
        2.02824, // pairs
        -9.84431, // pairedShare
        10.1255, // local
        35.872, // reliablePairedShare
        -25.9531, // bestLocal
        -0.23485, // residual
        0.756753, // unpaired
        -6.78941, // reliablePairs
        -0.35141, // second
        5.29042, // shareOfStrength
        0.695247, // overlap
        1.58618, // relaxed
        0.3751, // kind
      ],
      calibration: [
        { logOdds: -8.35557, score: 0.9691 },
        { logOdds: -6.77006, score: 3.0103 },
        { logOdds: -4.03062, score: 10 },
        { logOdds: -1.21971, score: 20 },
        { logOdds: 7.58068, score: 60 },
      ],
    },
  },
}
