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
      logOddsMin: -5.17836,
      intercept: -5.82412,
      weights: [
        -0.737608, // strength
        2.69829, // pairs
        -15.2369, // pairedShare
        -2.58586, // local
        20.9545, // reliablePairedShare
        -5.57706, // bestLocal
        -0.00577617, // residual
        -0.441592, // unpaired
        -6.19379, // reliablePairs
        -2.0297, // second
        7.56258, // shareOfStrength
        0.615656, // overlap
        2.18542, // relaxed
        0.205528, // kind
      ],
      calibration: [
        { logOdds: -6.42305, score: 0.9691 },
        { logOdds: -5.17836, score: 3.0103 },
        { logOdds: -3.17094, score: 10 },
        { logOdds: -1.05103, score: 20 },
        { logOdds: 6.14292, score: 60 },
      ],
    },
    quick: {
      logOddsMin: -2.35328,
      intercept: -6.85518,
      weights: [
        -0.928826, // strength
        2.79037, // pairs
        -14.7266, // pairedShare
        -4.37562, // local
        28.6505, // reliablePairedShare
        -6.29478, // bestLocal
        -0.43916, // residual
        -0.0333232, // unpaired
        -5.48778, // reliablePairs
        -0.40183, // second
        6.16268, // shareOfStrength
        0.566937, // overlap
        1.4635, // relaxed
        0.253641, // kind
      ],
      calibration: [
        { logOdds: -7.41608, score: 0.9691 },
        { logOdds: -5.93243, score: 3.0103 },
        { logOdds: -3.58808, score: 10 },
        { logOdds: -1.17948, score: 20 },
        { logOdds: 6.12537, score: 60 },
      ],
    },
    last: {
      intercept: -21.2407,
      weights: [
        -0.793758, // quick strength
        1.04623, // quick pairs
        -8.0704, // quick pairedShare
        -3.33429, // quick local
        16.0607, // quick reliablePairedShare
        -4.50908, // quick bestLocal
        -0.244629, // quick residual
        0.236108, // quick unpaired
        -2.63413, // quick reliablePairs
        -0.523333, // quick second
        2.26213, // quick shareOfStrength
        0.135262, // quick overlap
        0.510615, // quick relaxed
        0.290707, // quick kind
        -1.54763, // thorough strength
        1.55353, // thorough pairs
        -9.86746, // thorough pairedShare
        22.621, // thorough local
        29.9646, // thorough reliablePairedShare
        -15.0322, // thorough bestLocal
        -0.303008, // thorough residual
        0.539365, // thorough unpaired
        -4.29995, // thorough reliablePairs
        2.21169, // thorough second
        3.76392, // thorough shareOfStrength
        0.556689, // thorough overlap
        1.35356, // thorough relaxed
        0.0268353, // thorough kind
      ],
      calibration: [
        { logOdds: -9.44003, score: 0.9691 },
        { logOdds: -7.55658, score: 3.0103 },
        { logOdds: -4.5556, score: 10 },
        { logOdds: -1.65381, score: 20 },
        { logOdds: 7.37052, score: 60 },
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
