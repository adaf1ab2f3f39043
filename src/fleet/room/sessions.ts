import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Change, Kv } from '../../kv/kv.ts'
import { decodeValue, encodeValue, under } from '../claims/layout.ts'
import { keyOf } from './layout.ts'

const TOKEN_BYTES = 32
const SESSIONS_MAX = 1_000
/** Nobody has asked for anything that long. The page asks by itself: a closed one is meant. */
const IDLE_MS_MAX = 30 * 60_000
const AGE_MS_MAX = 12 * 3_600_000
/** Use is written down this often: a restart may take so much off the idle time, and no more. */
const USE_STEP_MS = 60_000

interface Session {
  readonly user: string
  readonly sinceMs: number
  readonly usedMs: number
}

/**
 * Who is logged in. Kept over restarts, by the hash of the cookie's token: who reads the disk comes in nowhere. An end is
 * on the disk before it is told.
 */
export class Sessions {
  private readonly sessions = new Map<string, Session>()

  private constructor(
    private readonly kv: Kv,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Rejects with `kv/corrupt`, `kv/io`. */
  static async open(kv: Kv, clock: Clock, log: Log): Promise<Sessions> {
    const opened = new Sessions(kv, clock, log)
    const lapsed: Change[] = []
    for await (const { key, value } of kv.range(under(keyOf.session('')))) {
      const session = decodeValue<Session>(key, value)
      if (opened.holds(session)) opened.sessions.set(key.slice(keyOf.session('').length), session)
      else lapsed.push({ delete: key })
    }
    if (lapsed.length > 0) await kv.write(lapsed)
    return opened
  }

  /** The token for the browser's cookie. Rejects with `kv/io`. */
  async begin(user: string): Promise<string> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    const nowMs = this.clock.nowMs()
    // A map remembers who came first.
    const [oldest] = this.sessions.keys()
    if (this.sessions.size >= SESSIONS_MAX) await this.drop([oldest])
    const session = { user, sinceMs: nowMs, usedMs: nowMs }
    await this.kv.write([{ put: keyOf.session(hashOf(token)), value: encodeValue(session) }])
    this.sessions.set(hashOf(token), session)
    return token
  }

  /** Whose token it is and since when, as long as its session holds. */
  of(token: string): Pick<Session, 'user' | 'sinceMs'> | undefined {
    const key = hashOf(token)
    const session = this.sessions.get(key)
    if (session === undefined || !this.holds(session)) return undefined
    const used = { ...session, usedMs: this.clock.nowMs() }
    if (used.usedMs - session.usedMs >= USE_STEP_MS) {
      this.sessions.set(key, used)
      this.kv
        .write([{ put: keyOf.session(key), value: encodeValue(used) }])
        .catch(error => this.log.warn('session', { message: String(error) }))
    }
    return session
  }

  async end(token: string): Promise<void> {
    await this.drop([hashOf(token)])
  }

  /** A changed password, or a user who may come in no more. */
  async endAllOf(user: string): Promise<void> {
    await this.drop([...this.sessions].flatMap(([key, session]) => (session.user === user ? [key] : [])))
  }

  private async drop(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.sessions.delete(key)
    if (keys.length > 0) await this.kv.write(keys.map(key => ({ delete: keyOf.session(key) })))
  }

  /** One from the future was made by another clock. */
  private holds({ sinceMs, usedMs }: Session): boolean {
    const nowMs = this.clock.nowMs()
    return nowMs >= sinceMs && nowMs - usedMs <= IDLE_MS_MAX && nowMs - sinceMs <= AGE_MS_MAX
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
