import { randomBytes } from 'node:crypto'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openLevelKv } from '../../src/kv/level.ts'
import { fileHighWaterMark } from '../../src/store/high-water-mark.ts'
import { type KioskStore, openStore } from '../../src/store/store.ts'

/** A store on a real folder, without limits. */
export async function openBenchStore(path: string): Promise<KioskStore> {
  return await openStore({
    kv: await openLevelKv(path),
    highWaterMark: fileHighWaterMark(`${path}.mark`),
    clock: systemClock,
    dataKey: new Uint8Array(32).fill(1),
    indexKey: new Uint8Array(32).fill(2),
    limits: {
      entriesMax: 1_000_000,
      bytesMax: 1e12,
      receiptedBytesMax: 256 * 1024 * 1024,
      freeBytesMin: 0,
      ageMsMax: 1e12,
    },
    log: silentLog,
    random: bytes => randomBytes(bytes),
  })
}
