import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isOldestFirst, monthAway } from '../../test/relay/month-away.ts'
import type { Soak } from '../soak.ts'

const WAITING = 20_000
const DAYS = 30
const PROBES_MAX = DAYS * 24 + 1
/** With the disk, which is memory here, and all that is on it: a whole record's own values and 2 kB of submission. */
const HEAP_BYTES_A_RECORD_MAX = 16 * 1024

/**
 * The ABIS is away for 30 simulated days in which 20,000 records come to wait (test/relay/relay.test.ts has 600): one
 * probe an hour, the same memory however long it takes, then all of it, oldest first. The seed changes nothing.
 */
export const monthOfSilence: Soak = async ({ count = WAITING, print, progress }) => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const endings: (() => Promise<void>)[] = []
  const heapBytes = () => {
    collectGarbage()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const before = heapBytes()
  let after = before
  const { seen, ...month } = await monthAway({ teardown: ending => endings.push(ending) }, count, day => {
    if (day === DAYS) after = heapBytes()
    progress(`day ${day} of ${DAYS}`)
  })
  for (const ending of endings.reverse()) await ending()
  const heapBytesARecord = Math.round((after - before) / count)
  const isInOrder = isOldestFirst(seen)
  const received = new Set(seen).size
  print({ ...month, received, isInOrder, heapBytesARecord })
  return (
    month.left === 0 &&
    received === count &&
    isInOrder &&
    month.probes <= PROBES_MAX &&
    heapBytesARecord <= HEAP_BYTES_A_RECORD_MAX
  )
}
