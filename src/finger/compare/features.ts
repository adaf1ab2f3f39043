/** The numbers that a score is made of, in the order in which the comparison kernel leaves them. */
export const featureNames = [
  /** √ of the sum of all pairs' weights: how well each fits, and how alike its surroundings are. */
  'strength',
  /** √ of the number of pairs. */
  'pairs',
  /** Minutiae in pairs as a share of those and the ones that should have a mate and have none. */
  'pairedShare',
  /** Mean likeness of the paired surroundings. */
  'local',
  /** As `pairedShare`, weighted by reliability. */
  'reliablePairedShare',
  /** Mean likeness of the best candidate pairs, before any alignment. */
  'bestLocal',
  /** Mean distance of a carried minutia from its mate, px. */
  'residual',
  /** √ of the number of minutiae that should have a mate and have none. */
  'unpaired',
  /** √ of the sum of the pairs' reliabilities. */
  'reliablePairs',
  /** Strength of the second best alignment as a share of the best. */
  'second',
  /** `reliablePairedShare` × `strength`. */
  'shareOfStrength',
  /** √ of the area that both show, in squares of 16 px. */
  'overlap',
  /** √ of the support that the best candidate pairs give each other. */
  'relaxed',
  /** Pairs of one kind less pairs of two, by √ of the number of pairs. */
  'kind',
] as const
export const FEATURES = featureNames.length
