import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Abis, startAbis } from '../../abis/abis.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { openAbisKeys } from '../../keys/file-key-store.ts'
import { keyFolder } from '../../keys/layout.ts'
import { openLevelKv } from '../../kv/level.ts'
import { sealedValues } from '../../kv/sealed.ts'
import { connectBroker } from '../../mqtt/connect.ts'
import { openAbisSeal } from '../../seal/abis-seal.ts'

const BACKOFF = { backoffMsMin: 200, backoffMsMax: 30_000 }

export interface AbisOptions {
  readonly data: string
  readonly url: string
  readonly clock: Clock
  readonly log: Log
  readonly shareGroup?: string
}

export interface OpenAbis {
  readonly abis: Abis
  close(): Promise<void>
}

/**
 * The reference ABIS on a data folder (keys below `keys/abis`, records below `abis`), connected to a broker.
 * Rejects with `keys/missing`, `kv/locked`, `kv/io`.
 */
export async function openAbis(options: AbisOptions): Promise<OpenAbis> {
  const { data, url, clock, log, shareGroup } = options
  const keys = await openAbisKeys(keyFolder(data, 'abis'))
  const folder = join(data, 'abis')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const kv = sealedValues(await openLevelKv(folder), keys.dataKey)
  const broker = connectBroker({
    url,
    clientId: keys.name,
    tls: url.startsWith('mqtts:') ? keys.tls : undefined,
    backoff: BACKOFF,
    clock,
    random: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
    log,
  })
  const abis = await startAbis({ broker, kv, seal: openAbisSeal({ keys, clock }), clock, log, shareGroup })
  return {
    abis,
    async close() {
      await abis.stop()
      await broker.close()
      await kv.close()
    },
  }
}
