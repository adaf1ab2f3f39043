import { networkParts } from './drivers/network-parts.ts'
import { pagePrinters } from './drivers/page-printers.ts'
import { pinParts } from './drivers/pin-parts.ts'
import { serialParts } from './drivers/serial-parts.ts'
import type { PartDriver } from './part-driver.ts'

/** Every driver that a board may name. */
export const partDrivers: ReadonlyMap<string, PartDriver> = new Map(
  Object.entries({ ...serialParts, ...pinParts, ...networkParts, ...pagePrinters }),
)

export const driverNames: readonly string[] = [...partDrivers.keys()]
