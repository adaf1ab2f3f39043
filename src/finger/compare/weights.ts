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

/** How the features of a comparison become a score: of the first alignment, of a quick look, of this and a thorough one. */
export interface Model {
  readonly first: Exit
  readonly quick: Exit
  readonly thorough: Step
}

/** Both prints have the texture of the ridges round their minutiae; or not. */
export const models: { readonly textured: Model; readonly plain: Model } = {
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
    thorough: {
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
      logOddsMin: -5.21591,
      intercept: -6.45191,
      weights: [
        -1.49089, // strength
        2.78467, // pairs
        -14.504, // pairedShare
        -1.0359, // local
        23.3176, // reliablePairedShare
        -9.14294, // bestLocal
        -0.105981, // residual
        -0.360632, // unpaired
        -6.11314, // reliablePairs
        -1.59504, // second
        6.70339, // shareOfStrength
        0.728612, // overlap
        2.46425, // relaxed
        0.214182, // kind
      ],
      calibration: [
        { logOdds: -6.56156, score: 0.9691 },
        { logOdds: -5.21591, score: 3.0103 },
        { logOdds: -3.10772, score: 10 },
        { logOdds: -0.895689, score: 20 },
        { logOdds: 6.67045, score: 60 },
      ],
    },
    quick: {
      logOddsMin: -2.25234,
      intercept: -16.339,
      weights: [
        -0.972691, // strength
        2.73507, // pairs
        -10.6878, // pairedShare
        9.53019, // local
        27.3942, // reliablePairedShare
        -8.55749, // bestLocal
        -0.0139871, // residual
        0.420726, // unpaired
        -6.16308, // reliablePairs
        -1.28759, // second
        6.20378, // shareOfStrength
        0.607998, // overlap
        1.40381, // relaxed
        0.378522, // kind
      ],
      calibration: [
        { logOdds: -7.30276, score: 0.9691 },
        { logOdds: -5.87428, score: 3.0103 },
        { logOdds: -3.5337, score: 10 },
        { logOdds: -1.08236, score: 20 },
        { logOdds: 7.72579, score: 60 },
      ],
    },
    thorough: {
      intercept: -15.241,
      weights: [
        -0.917061, // quick strength
        1.43368, // quick pairs
        -7.42129, // quick pairedShare
        5.95882, // quick local
        13.3865, // quick reliablePairedShare
        -5.09486, // quick bestLocal
        0.163558, // quick residual
        0.136828, // quick unpaired
        -3.48721, // quick reliablePairs
        -0.835915, // quick second
        2.991, // quick shareOfStrength
        0.213276, // quick overlap
        0.948435, // quick relaxed
        0.226519, // quick kind
        -0.080752, // thorough strength
        1.66907, // thorough pairs
        -8.10323, // thorough pairedShare
        5.2979, // thorough local
        27.2142, // thorough reliablePairedShare
        -18.9786, // thorough bestLocal
        -0.194068, // thorough residual
        0.553842, // thorough unpaired
        -4.1395, // thorough reliablePairs
        -0.426171, // thorough second
        3.89906, // thorough shareOfStrength
        0.491539, // thorough overlap
        0.745908, // thorough relaxed
        0.23783, // thorough kind
      ],
      calibration: [
        { logOdds: -8.78162, score: 0.9691 },
        { logOdds: -7.07298, score: 3.0103 },
        { logOdds: -4.25796, score: 10 },
        { logOdds: -1.44849, score: 20 },
        { logOdds: 8.72036, score: 60 },
      ],
    },
  },
}
