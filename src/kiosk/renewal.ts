import type { Clock } from '../base/clock.ts'
import { codeOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { readIdentity } from '../keys/claim/identity.ts'
import { renewCertificateOf } from '../keys/claim/renew.ts'
import { keyFolderInfo } from '../keys/key-folder-info.ts'

const DAY_MS = 86_400_000
/** A third of a year: a centre that is away for months, or a kiosk in a store room, costs nobody a visit. */
const RENEW_BEFORE_MS = 120 * DAY_MS

export interface RenewalOptions {
  /** The kiosk's key folder. */
  readonly folder: string
  readonly clock: Clock
  readonly log: Log
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** The files are new; what was opened from them is not. */
  onRenewed(): void
}

/**
 * Renews the certificate of a kiosk that claimed it, in good time and without anybody; tries once a day, at an hour of
 * the kiosk's own, so that a fleet of one age does not come at once. A kiosk that was given its keys by hand is left
 * alone. Returns what ends it.
 */
export function keepRenewed(options: RenewalOptions): () => Promise<void> {
  const stopping = new AbortController()
  const running = renewDaily(options, stopping.signal).catch(error => {
    if (!stopping.signal.aborted) options.log.error('renewal', { code: codeOf(error) })
  })
  return async () => {
    stopping.abort()
    await running
  }
}

async function renewDaily(options: RenewalOptions, signal: AbortSignal): Promise<void> {
  const { folder, clock, log, random, onRenewed } = options
  if ((await readIdentity(folder)) === undefined) return
  for (let waitMs = random() * DAY_MS; ; waitMs = DAY_MS) {
    await clock.sleep(waitMs, signal)
    const { validToMs, name } = await keyFolderInfo(folder)
    if (validToMs - clock.nowMs() > RENEW_BEFORE_MS) continue
    try {
      await renewCertificateOf(folder, signal)
      log.info('renewed', { kiosk: name })
      onRenewed()
    } catch (error) {
      signal.throwIfAborted()
      log.warn('renewal', { code: codeOf(error), daysLeft: Math.floor((validToMs - clock.nowMs()) / DAY_MS) })
    }
  }
}
