import { join } from 'node:path'
import type { Test } from 'tap'
import type { Clock } from '../../src/base/clock.ts'
import { openAbisKeys, openKioskKeys } from '../../src/keys/file-key-store.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { openAbisSeal } from '../../src/seal/abis-seal.ts'
import { openKioskSeal } from '../../src/seal/kiosk-seal.ts'
/** A centre, a broker and one kiosk, each with its own keys, in a folder of the test's own. */
export async function demoKeys(t: Test, clock: Clock, options: { readonly kiosk?: string } = {}) {
  const data = t.testdir()
  await initDemoKeys(data, { clock, ...options })
  const keys = join(data, 'keys')
  const kioskKeys = await openKioskKeys(join(keys, 'kiosk'))
  const abisKeys = await openAbisKeys(join(keys, 'abis'))
  return {
    data,
    keys,
    kioskKeys,
    abisKeys,
    kioskSeal: openKioskSeal({ keys: kioskKeys, clock }),
    abisSeal: openAbisSeal({ keys: abisKeys, clock }),
  }
}
