import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import { silentLog } from '../base/log.ts'
import { Authority } from '../keys/authority.ts'
import { readKeyFile } from '../keys/key-file.ts'
import { file } from '../keys/layout.ts'
import { newKey } from '../keys/pem.ts'
import { connectBroker } from '../mqtt/connect.ts'

/** As long as it takes, and no longer: its key is never on a disk. */
const CERTIFICATE_VALID_MS = 600_000
/** A kiosk that was thrown out tries to come back within a second or two. */
const QUIET_MS = 5_000
const RETURNS_MAX = 10
const CONNECT_MS_MAX = 60_000
const BACKOFF = { backoffMsMin: 200, backoffMsMax: 1_000 }

export interface ThrowOutOptions {
  /** The kiosk's name, which is its client id. */
  readonly name: string
  /** The broker, `mqtts://HOST:PORT`. */
  readonly url: string
  /** Folder of the kiosk CA. */
  readonly ca: string
  readonly clock: Clock
}

/**
 * Ends the standing session of a kiosk that was revoked. A broker judges a certificate at the handshake only, and has no
 * word for "throw out"; but two clients with one name throw each other out. So we come in under the kiosk's name, with a
 * certificate of a few minutes: whoever was there is gone, and what waited for it at the broker with it.
 *
 * Resolves to false where the kiosk came back again and again: the broker has not read its revocation list. Rejects
 * with `broker/offline`, `keys/missing`.
 */
export async function throwOut({ name, url, ca, clock }: ThrowOutOptions): Promise<boolean> {
  const { key, publicKey } = newKey()
  const authority = await Authority.open(ca, clock)
  const leaf = await authority.certify({ name, role: 'kiosk', publicKey, validMs: CERTIFICATE_VALID_MS })
  const above = await readKeyFile(join(ca, file.certificate), { secret: false })
  const root = await readKeyFile(join(ca, file.root), { secret: false })
  const broker = connectBroker({
    url,
    clientId: name,
    tls: { key, cert: `${leaf}${above}`, ca: root.toString() },
    sessionExpirySeconds: 0,
    backoff: BACKOFF,
    clock,
    random: Math.random,
    log: silentLog,
  })
  try {
    return await stayedAlone(broker, clock)
  } finally {
    await broker.close()
  }
}

/** True once nobody has taken our place for a while. */
async function stayedAlone(
  broker: Pick<ReturnType<typeof connectBroker>, 'onConnection'>,
  clock: Clock,
): Promise<boolean> {
  const ended = new AbortController()
  const never = clock.sleep(CONNECT_MS_MAX, ended.signal).then(() => {
    throw new KioskError('broker/offline')
  })
  let returns = 0
  let quiet = new AbortController()
  let stop = () => {}
  const alone = new Promise<boolean>(resolve => {
    stop = broker.onConnection(connection => {
      quiet.abort()
      if (connection === undefined) return
      if (returns++ > RETURNS_MAX) return resolve(false)
      quiet = new AbortController()
      clock.sleep(QUIET_MS, quiet.signal).then(
        () => resolve(true),
        () => {},
      )
    })
  })
  try {
    return await Promise.race([alone, never])
  } finally {
    stop()
    quiet.abort()
    ended.abort()
    never.catch(() => {})
  }
}
