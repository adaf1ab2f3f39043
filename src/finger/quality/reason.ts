import type { QualityReason } from '../engine.ts'
import type { Measures } from './measure.ts'

export interface Defect {
  readonly reason: Exclude<QualityReason, 'ok' | 'not-a-finger'>
  /** 1 and more: this alone makes the sample useless, whatever the rest is like. */
  readonly severity: number
}

const CERTAIN_MM2_MIN = 45 // a fifth of a thumb's print; a 192 × 192 sensor covers 95
const OFF_CENTRE_MAX = 0.58 // halves of the image's sides
const OFF_CENTRE_MM2 = 130 // a print as large as this has what it needs, wherever it lies
const DARK_SHARE_SOUND = 0.42
const DARK_SHARE_WET = 0.64
const DARK_SHARE_DRY = 0.2
const CLARITY_WET = 0.4 // a sensor that shows thick ridges shows them clearly
const VALLEY_LEVEL_WET = 160 // water fills valleys; pressure only narrows them
const FAINT_LEVELS = 18 // deviation of grey levels
const FAINT_RIDGE_LEVEL = 190
const FAINT_DARK_SHARE = 0.38
const DIRECTIONALITY_MAX = 0.205
const FADED_SHARE_MAX = 0.33

/**
 * What is wrong with a sample, the worst first. The limits lie beyond all good prints of the development
 * sets, and below what `synthetic/defects.ts` makes where a single measure can tell the two apart.
 */
export function defectsOf(measures: Measures): readonly Defect[] {
  const { certainMm2, areaMm2, offCentre, darkShare, clarity, directionality } = measures
  const moisture = darkShare - DARK_SHARE_SOUND
  const small = Math.min(OFF_CENTRE_MM2 / Math.max(areaMm2, 1), 1)
  const unclear = Math.min(CLARITY_WET / Math.max(clarity, 0.01), 1)
  const filled = Math.min(VALLEY_LEVEL_WET / Math.max(measures.valleyLevel, 1), 1)
  const defects: Defect[] = [
    { reason: 'too-small-area', severity: CERTAIN_MM2_MIN / Math.max(certainMm2, 1) },
    { reason: 'off-centre', severity: (small * offCentre) / OFF_CENTRE_MAX },
    { reason: 'too-wet', severity: (unclear * filled * moisture) / (DARK_SHARE_WET - DARK_SHARE_SOUND) },
    { reason: 'too-dry', severity: (unclear * moisture) / (DARK_SHARE_DRY - DARK_SHARE_SOUND) },
    { reason: 'too-light', severity: faintness(measures) },
    { reason: 'moved', severity: directionality / DIRECTIONALITY_MAX },
    { reason: 'smudged', severity: smudge(measures) },
  ]
  return defects.sort((a, b) => b.severity - a.severity)
}

/**
 * Ridges that go nowhere, or that were wiped into an even grey over a good part of the print. Wet and moved prints
 * fade too: what disables them comes first.
 */
function smudge({ clarity, coherence, fadedShare }: Measures): number {
  return Math.max((0.6 - clarity) / 0.5, (1 - coherence) / 0.35, Math.min(fadedShare / FADED_SHARE_MAX, 1))
}

/** A sensor of low contrast shows grey ridges; a light touch shows thin, pale ones. */
function faintness({ contrast, ridgeLevel, darkShare }: Measures): number {
  if (ridgeLevel < FAINT_RIDGE_LEVEL || darkShare > FAINT_DARK_SHARE) return 0
  return FAINT_LEVELS / Math.max(contrast, 1)
}
