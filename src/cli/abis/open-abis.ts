import { strict as assert } from 'node:assert'
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Abis, startAbis } from '../../abis/abis.ts'
import type { Adjudicator } from '../../abis/adjudicator.ts'
import type { Licence } from '../../abis/licence.ts'
import { PrintSpool } from '../../abis/print-spool.ts'
import type { Clock } from '../../base/clock.ts'
import { codeOf, KioskError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { openAbisKeys } from '../../keys/file-key-store.ts'
import { isThere } from '../../keys/key-file.ts'
import type { AbisKeys } from '../../keys/key-store.ts'
import { keyFolder } from '../../keys/layout.ts'
import type { Kv } from '../../kv/kv.ts'
import { openLevelKv } from '../../kv/level.ts'
import { sealedValues } from '../../kv/sealed.ts'
import { connectBroker } from '../../mqtt/connect.ts'
import { openAbisSeal } from '../../seal/abis-seal.ts'
import { openDecisionSeal } from '../../seal/decision-seal.ts'
import type { ServedCentre } from './centre.ts'

/** How soon a kiosk that was revoked counts for nothing, once its list is here. */
const REVOCATIONS_INTERVAL_MS = 2_000
const BACKOFF = { backoffMsMin: 200, backoffMsMax: 30_000 }

export interface AbisOptions {
  readonly data: string
  readonly url: string
  readonly clock: Clock
  readonly log: Log
  readonly shareGroup?: string
  readonly licence?: Licence
  /** So many threads search the gallery; left out: this one does. */
  readonly searchThreads?: number
}

export interface OpenAbis {
  readonly abis: Abis
  /** For commands that work inside of it. */
  readonly centre: ServedCentre
  close(): Promise<void>
}

/** Where the database is below a data folder. */
export function abisFolder(data: string): string {
  return join(data, 'abis')
}

/** Where print jobs on their way are below a data folder. */
export function printFolder(data: string): string {
  return join(data, 'prints')
}

export function printSpool(data: string): PrintSpool {
  return new PrintSpool(printFolder(data))
}

/** What a restore makes, until it takes the database's place. */
export function restoringFolder(data: string): string {
  return `${abisFolder(data)}.restoring`
}

/**
 * The database as it is on the disk, its values sealed. Rejects with `kv/locked` while the ABIS is served, and with
 * `io/unreadable` where a restore was cut short between two names: a new database in its place would know nobody.
 */
export async function openAbisKv(data: string): Promise<Kv> {
  if (!(await isThere(abisFolder(data))) && (await isThere(restoringFolder(data))))
    throw new KioskError('io/unreadable', {
      file: abisFolder(data),
      why: 'a restore was cut short: restore the backup again',
    })
  await mkdir(abisFolder(data), { recursive: true, mode: 0o700 })
  return openLevelKv(abisFolder(data))
}

/**
 * The reference ABIS on a data folder (keys below `keys/abis`, records below `abis`), connected to a broker.
 * Rejects with `keys/missing`, `kv/locked`, `kv/io`.
 */
export async function openAbis(options: AbisOptions): Promise<OpenAbis> {
  const { data, url, clock, log, shareGroup, licence, searchThreads } = options
  const keys = await openAbisKeys(keyFolder(data, 'abis'))
  const { dataKey } = keys
  const kv = await openAbisKv(data)
  const broker = connectBroker({
    url,
    clientId: keys.name,
    tls: url.startsWith('mqtts:') ? keys.tls : undefined,
    backoff: BACKOFF,
    clock,
    random: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
    log,
  })
  const spool = printSpool(data)
  const abis = await startAbis({
    broker,
    kv: sealedValues(kv, dataKey),
    seal: openAbisSeal({ keys, clock }),
    decisions: openDecisionSeal({ keys }),
    clock,
    log,
    shareGroup,
    licence,
    searchThreads,
    spool,
    certificates: [
      { whose: keys.name, untilMs: Date.parse(keys.certificate.validTo) },
      { whose: 'root', untilMs: Date.parse(keys.root.validTo) },
      { whose: `${keys.name}-decryption`, untilMs: Date.parse(keys.decryptionCertificate.validTo) },
    ],
  })
  const stopFollowing = followRevocations(keys, clock, log)
  return {
    abis,
    centre: {
      kv,
      dataKey,
      spool,
      importer: abis.importer,
      status: () => abis.status,
      adjudication: async () => adjudicationOf(abis),
    },
    async close() {
      await stopFollowing()
      await abis.stop()
      await broker.close()
      await kv.close()
    },
  }
}

function adjudicationOf({ adjudicator }: Abis): Adjudicator {
  assert(adjudicator !== undefined, 'it was started with a seal for decisions')
  return adjudicator
}

/** A list that cannot be read is said once, and the one before counts. Returns what ends it. */
function followRevocations(
  keys: Pick<AbisKeys, 'followRevocations'>,
  clock: Clock,
  log: Log,
): () => Promise<void> {
  const stopping = new AbortController()
  let isReadable = true
  const following = (async () => {
    while (!stopping.signal.aborted) {
      await clock.sleep(REVOCATIONS_INTERVAL_MS, stopping.signal).catch(() => {})
      const error = await keys.followRevocations().catch((error: unknown) => error)
      if (error !== undefined && isReadable) log.error('abis/revocations', { code: codeOf(error) })
      isReadable = error === undefined
    }
  })()
  return async () => {
    stopping.abort()
    await following
  }
}
