import { type ConfigError, configError } from '../../src/settings/desired.ts'
import { expiryIn } from './expiry.ts'
import type { BundleInfo } from './slots.ts'
import { compareVersions } from './version.ts'

export interface Here {
  /** What RAUC's configuration here calls this machine. */
  readonly compatible: string
  /** The newest image that was ever found good here; an older one may have holes that were closed since. */
  readonly floor: string
  readonly nowMs: number
  /** Of the slot that would be written. */
  readonly slotBytes: number
}

/** Why a bundle, whose signature holds, is not to be installed here; undefined: it may be. Pure. */
export function refusalOf(bundle: BundleInfo, here: Here): ConfigError | undefined {
  const { version, compatible, description, imageBytes } = bundle
  if (compatible !== here.compatible)
    return configError('update/wrong-machine', '', `it is for ${compatible}, and this is ${here.compatible}`)
  if (compareVersions(version, here.floor) < 0)
    return configError('update/older', '', `${version} is older than ${here.floor}, which was good here`)
  const expiryMs = expiryIn(description)
  if (expiryMs === undefined)
    return configError('update/expired', '', 'it does not say until when it is good')
  if (here.nowMs > expiryMs)
    return configError('update/expired', '', `it was not to be installed after ${iso(expiryMs)}`)
  if (imageBytes > here.slotBytes)
    return configError(
      'update/too-large',
      '',
      `${imageBytes} bytes do not fit on a slot of ${here.slotBytes}`,
    )
  return undefined
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
