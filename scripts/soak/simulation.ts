import { simulate } from '../../test/simulation/simulate.ts'
import type { SoakContext } from '../soak.ts'

const SEEDS = 10_000

/**
 * Bad days of one kiosk, broker and ABIS from `seed` on; nothing may be lost or doubled. A failure names
 * its seed: `--seed N --count 1` is the same day again.
 */
export async function simulation({ seed, count = SEEDS, print, progress }: SoakContext): Promise<boolean> {
  let enrolled = 0
  let cuts = 0
  let failed = 0
  for (let day = seed; day < seed + count; day++) {
    const run = await simulate(day)
    enrolled += run.enrolled
    cuts += run.cuts
    if (run.violations.length > 0) failed++
    for (const violation of run.violations) print({ seed: day, violation })
    progress(`${day - seed + 1} of ${count} seeds, ${failed} failed`)
  }
  print({ seeds: count, firstSeed: seed, enrolled, powerCuts: cuts, failed })
  return failed === 0
}
