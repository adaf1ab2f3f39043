import { KioskError } from '../../src/base/errors.ts'
import { run } from './run.ts'

const SECTOR_BYTES = 512

export interface PartitionPlace {
  readonly startBytes: number
  readonly sizeBytes: number
}

/** Where a partition is on a disk, or in an image of one. Throws `firmware/not-an-image`. */
export async function partitionOf(disk: string, name: string): Promise<PartitionPlace> {
  const table = await run('sfdisk', ['--json', disk]).catch(cause => {
    throw new KioskError('firmware/not-an-image', { file: disk }, { cause })
  })
  const { partitiontable } = JSON.parse(table) as {
    partitiontable: { partitions?: { name?: string; start: number; size: number }[] }
  }
  const partition = partitiontable.partitions?.find(partition => partition.name === name)
  if (partition === undefined) throw new KioskError('firmware/not-an-image', { file: disk, lacks: name })
  return { startBytes: partition.start * SECTOR_BYTES, sizeBytes: partition.size * SECTOR_BYTES }
}
