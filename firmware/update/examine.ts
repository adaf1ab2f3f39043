import { KioskError } from '../../src/base/errors.ts'
import { type ConfigError, configError } from '../../src/settings/desired.ts'
import { refusalOf } from './refusal.ts'
import type { BundleInfo, Slots } from './slots.ts'

/** A bundle that may be installed here, or why it may not. */
export type Examined = { readonly info: BundleInfo } | { readonly refusal: ConfigError }

/**
 * `floor` as in `refusal.ts`. RAUC judges the signature, our rules the rest. Rejects with `update/no-slots` where RAUC says
 * nothing of its slots: it is at work, or was slow, and the bundle is not to blame.
 */
export async function examineBundle(
  file: string,
  { slots, floor, nowMs }: { readonly slots: Slots; readonly floor: string; readonly nowMs: number },
): Promise<Examined> {
  try {
    const info = await slots.info(file)
    const { compatible, otherBytes } = await slots.status()
    const refusal = refusalOf(info, { compatible, floor, nowMs, slotBytes: otherBytes })
    return refusal === undefined ? { info } : { refusal }
  } catch (error) {
    if (error instanceof KioskError && error.code === 'update/no-slots') throw error
    return { refusal: asConfigError(error) }
  }
}

/** What RAUC says, for a report. What is not one of our errors is thrown on. */
export function asConfigError(error: unknown): ConfigError {
  if (!(error instanceof KioskError)) throw error
  return configError(error.code, '', String(error.details.reason ?? ''))
}

/** Undefined: a bundle of so many bytes can be kept beside the store. */
export function missingRoom(bytes: number, freeBytes: number): ConfigError | undefined {
  if (bytes <= freeBytes) return undefined
  return configError('update/too-large', '', `${bytes} bytes, and ${freeBytes} are free beside the store`)
}
