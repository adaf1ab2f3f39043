import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { fingerPositions } from '../record/finger-position.ts'
import type { Core } from './core.ts'
import { keyOf, lastPart, parseGalleryKey, under } from './layout.ts'
import type { Transaction } from './transaction.ts'

/**
 * How long fingers are kept. By the wall clock: one that is set years ahead erases templates early, which
 * costs this kiosk a look at who enrols twice (the ABIS has its own); one set back keeps them longer, until
 * it is right again.
 */
export interface RetentionLimits {
  readonly templatesMsMax: number
  /** How long after its receipt a sealed submission is kept, for an ABIS that is set back to a backup. */
  readonly receiptedMsMax: number
  readonly galleryFingersMax: number
}

const SWEEP_INTERVAL_MS = 3_600_000
/** Records a commit, so that an enrolment never waits long behind a sweep. */
const RECORDS_A_COMMIT = 50

export function eraseTemplates(transaction: Transaction, id: string): void {
  for (const position of fingerPositions) transaction.delete(keyOf.gallery(id, position))
}

/** Erases what has outlived its outcome, and what is too much. Returns the ids of the records. */
export async function sweepTemplates(core: Core, limits: RetentionLimits): Promise<readonly string[]> {
  const { kv, clock } = core.parts
  const expired: { id: string; key: string }[] = []
  const beforeMs = clock.nowMs() - limits.templatesMsMax
  const range = { from: under('verdict/').from, to: keyOf.verdict(beforeMs, '') }
  for await (const { key } of kv.range({ ...range, onCorrupt: () => {} }))
    expired.push({ id: lastPart(key), key })
  await erase(core, expired)
  const surplus = await surplusOf(core, limits.galleryFingersMax)
  await erase(core, surplus)
  return [...new Set([...expired, ...surplus].map(({ id }) => id))]
}

async function erase(core: Core, records: readonly { id: string; key?: string }[]): Promise<void> {
  for (let done = 0; done < records.length; done += RECORDS_A_COMMIT)
    await core.run(async transaction => {
      const at = new Date(core.parts.clock.nowMs()).toISOString()
      for (const { id, key } of records.slice(done, done + RECORDS_A_COMMIT)) {
        eraseTemplates(transaction, id)
        if (key !== undefined) transaction.delete(key)
        transaction.audit.push({ at, who: 'kiosk', what: 'templates-erased', id })
      }
    })
}

/** The oldest records of the gallery (ids are UUIDv7) that stand above its limit. */
async function surplusOf(core: Core, fingersMax: number): Promise<{ id: string }[]> {
  const fingersOf = new Map<string, number>()
  let fingers = 0
  for await (const { key } of core.parts.kv.range({ ...under('gallery/'), onCorrupt: () => {} })) {
    const id = parseGalleryKey(key)?.recordId
    if (id === undefined) continue
    fingers++
    fingersOf.set(id, (fingersOf.get(id) ?? 0) + 1)
  }
  const surplus: { id: string }[] = []
  for (const [id, count] of fingersOf) {
    if (fingers <= fingersMax) break
    surplus.push({ id })
    fingers -= count
  }
  return surplus
}

/** Sweeps at once and then every hour. Returns how to stop. A disk that refuses is tried again an hour later. */
export function keepSwept(parts: {
  readonly store: { sweep(limits: RetentionLimits): Promise<readonly string[]> }
  readonly clock: Clock
  readonly log: Log
  readonly limits: RetentionLimits
  onErased(id: string): unknown
}): () => Promise<void> {
  const { store, clock, log, limits, onErased } = parts
  const stopping = new AbortController()
  const sweeping = (async () => {
    while (!stopping.signal.aborted) {
      try {
        for (const id of await store.sweep(limits)) await onErased(id)
      } catch (error) {
        log.error('store/sweep', { code: error instanceof KioskError ? error.code : String(error) })
      }
      await clock.sleep(SWEEP_INTERVAL_MS, stopping.signal).catch(() => {})
    }
  })()
  return async () => {
    stopping.abort()
    await sweeping
  }
}
