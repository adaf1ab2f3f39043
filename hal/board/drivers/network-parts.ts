import type { PartDriver } from '../part-driver.ts'

/** Parts on the network, by the name of their driver. */
export const networkParts: Readonly<Record<string, PartDriver>> = {}
