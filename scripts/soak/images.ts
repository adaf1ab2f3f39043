import { strict as assert } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildImage } from '../../firmware/image/build.ts'
import { type VariantName, variantNames, variants } from '../../firmware/image/variants.ts'
import { makeBundle } from '../../firmware/update/make-bundle.ts'
import { systemClock } from '../../src/base/clock.ts'
import { keyFolder } from '../../src/keys/layout.ts'
import { initKeys } from '../../src/keys/make-keys.ts'
import type { Soak } from '../soak.ts'

const EPOCH_S = Date.UTC(2026, 0, 1) / 1000
const BYTES_A_MIB = 1 << 20
/** The goal. */
const BUNDLE_MIB_MAX = 400

/**
 * Every variant's image and update can be made from the built program, and is as large as it may be: also of the board
 * that no test boots. `--sets` names some of them.
 */
export const images: Soak = async ({ sets, print, progress }) => {
  const wanted = (sets ?? variantNames).map(name => {
    assert(Object.hasOwn(variants, name), `${name} is none of ${variantNames}`)
    return name as VariantName
  })
  const work = await mkdtemp(join(tmpdir(), 'tunggal-soak-'))
  let held = true
  try {
    await initKeys(work, { clock: systemClock })
    for (const variant of wanted) {
      const image = join(work, `${variant}.img`)
      const say = (text: string) => progress(`${variant}: ${text}`)
      const { treeMib, slotMib } = await buildImage({
        variant,
        version: '1.0.0',
        output: image,
        epochS: EPOCH_S,
        say,
      })
      const { bytes } = await makeBundle({
        image,
        output: join(work, `${variant}.raucb`),
        signer: keyFolder(work, 'updates'),
        expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
        say,
      })
      const bundleMib = Math.round(bytes / BYTES_A_MIB)
      held &&= bundleMib <= BUNDLE_MIB_MAX
      print({ variant, treeMib, slotMib, bundleMib })
      await rm(image)
    }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return held
}
