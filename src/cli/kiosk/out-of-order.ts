import { openKeptUpdate, updateFolder } from '../../../firmware/update/kept-update.ts'
import type { Machine } from '../../../firmware/update/ports.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { KioskError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { serviceManager } from '../../health/service-manager.ts'
import { serveClaimPage } from '../../ui/serve-claim-page.ts'
import type { Context } from '../command.ts'
import { errorLine } from '../error-line.ts'
import { EXIT, exitCodeOf } from '../exit-code.ts'

const TRY_AGAIN_MS = 600_000

export interface OutOfOrderOptions {
  readonly kiosk: string
  /** Of the kiosk's page. */
  readonly port: number
  readonly data: string
  readonly machine: Machine
  readonly log: Log
  readonly clock?: Clock
  /** Folder with the built page. Left out: beside the built program. */
  readonly assets?: string
}

/**
 * A kiosk on an image of ours that cannot begin, for a reason that no restart mends (its database is damaged, its data key
 * was erased, its settings are wrong): the screen says so, and whom to tell, until it is time to try again. Without that,
 * systemd would restart it, and then the board, for good, and citizens would stand before a dark screen. Rejects with
 * `error` in the end; at once where a restart may mend it, or an update on trial is to blame.
 */
export async function outOfOrder(
  context: Pick<Context, 'print' | 'signal'>,
  error: unknown,
  options: OutOfOrderOptions,
): Promise<never> {
  const { kiosk, port, machine, log, clock = systemClock, assets } = options
  const { signal, print } = context
  if (!isLasting(error) || signal.aborted || (await isOnTrial(options))) throw error
  const page = await serveClaimPage({ port, assets, view: () => ({ kiosk, fault: error.code }) })
  const manager = serviceManager(process.env)
  const stop = manager.watch(async () => true)
  try {
    log.error('out-of-order', { code: error.code })
    print({ kiosk, outOfOrder: error.code, url: page.url }, `${errorLine(error)}; ${page.url} says so.`)
    await manager.ready()
    await machine.sayGood()
    await clock.sleep(TRY_AGAIN_MS, signal)
  } finally {
    stop()
    await page.close()
  }
  throw error
}

/** A disk that failed once may work after a restart; keys, settings, and a damaged database stay as they are. */
function isLasting(error: unknown): error is KioskError {
  if (!(error instanceof KioskError)) return false
  const code = exitCodeOf(error)
  return error.code === 'kv/corrupt' || code === EXIT.configuration || code === EXIT.badInput
}

/** Then the image before may be able to begin. */
async function isOnTrial({ data, machine, clock = systemClock }: OutOfOrderOptions): Promise<boolean> {
  const now = { at: new Date(clock.nowMs()).toISOString(), running: machine.version, bootId: machine.bootId }
  const { held } = await openKeptUpdate(updateFolder(data), now)
  return held.pending?.image === machine.version
}
