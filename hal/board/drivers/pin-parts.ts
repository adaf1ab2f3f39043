import type { PartDriver } from '../part-driver.ts'

/** Parts on pins and two-wire buses, by the name of their driver. */
export const pinParts: Readonly<Record<string, PartDriver>> = {}
