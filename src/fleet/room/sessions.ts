import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'

const TOKEN_BYTES = 32
const SESSIONS_MAX = 1_000
/** Nobody has asked for anything that long. The page asks by itself: a closed one is meant. */
const IDLE_MS_MAX = 30 * 60_000
const AGE_MS_MAX = 12 * 3_600_000

interface Session {
  readonly user: string
  readonly sinceMs: number
  usedMs: number
}

/** Who is logged in: in memory only, so that a restart logs everybody out. */
export class Sessions {
  private readonly sessions = new Map<string, Session>()

  constructor(private readonly clock: Clock) {}

  /** The token for the browser's cookie. */
  begin(user: string): string {
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    const nowMs = this.clock.monotonicMs()
    // A map remembers who came first.
    const [oldest] = this.sessions.keys()
    if (this.sessions.size >= SESSIONS_MAX) this.sessions.delete(oldest)
    this.sessions.set(hashOf(token), { user, sinceMs: nowMs, usedMs: nowMs })
    return token
  }

  /** The user of a token, as long as its session holds. */
  userOf(token: string): string | undefined {
    const key = hashOf(token)
    const session = this.sessions.get(key)
    if (session === undefined) return undefined
    const nowMs = this.clock.monotonicMs()
    if (nowMs - session.usedMs > IDLE_MS_MAX || nowMs - session.sinceMs > AGE_MS_MAX) {
      this.sessions.delete(key)
      return undefined
    }
    session.usedMs = nowMs
    return session.user
  }

  end(token: string): void {
    this.sessions.delete(hashOf(token))
  }

  /** A changed password, or a user who may come in no more. */
  endAllOf(user: string): void {
    for (const [key, session] of this.sessions) if (session.user === user) this.sessions.delete(key)
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
