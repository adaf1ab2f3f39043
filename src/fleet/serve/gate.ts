/** Who comes in: sessions, passwords, and how often they may be tried. */
import type { IncomingMessage } from 'node:http'
import type { Clock } from '../../base/clock.ts'
import { Attempts } from '../room/attempts.ts'
import type { Room } from '../room/room.ts'
import type { User } from '../room/users.ts'

const COOKIE = 'tunggal-fleet'

export type Entry =
  | { readonly kind: 'in'; readonly cookie: string }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'too-often' }

export class Gate {
  private readonly attempts: Attempts
  /** One password at a time: each takes 16 MiB and a twentieth of a second. */
  private trying: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly room: Pick<Room, 'users' | 'audit' | 'sessions'>,
    private readonly clock: Clock,
    /** The cookie goes over TLS only. */
    private readonly isSecure: boolean,
  ) {
    this.attempts = new Attempts(clock)
  }

  /** The user of a request, with the role that they have now. */
  userOf(request: IncomingMessage): User | undefined {
    const session = this.room.sessions.of(tokenIn(request) ?? '')
    if (session === undefined) return undefined
    const user = this.room.users.get(session.user)
    // Somebody else may have been given the name since.
    return user !== undefined && Date.parse(user.addedAt) <= session.sinceMs ? user : undefined
  }

  async enter({ name, password }: { name: string; password: string }): Promise<Entry> {
    const entry = await this.tried(name, password)
    if (entry !== 'right') {
      // A flood is not written down: it would fill the disk.
      if (entry === 'wrong') await this.note(name, 'login-refused')
      return { kind: entry }
    }
    await this.note(name, 'logged-in')
    return { kind: 'in', cookie: this.cookie(await this.room.sessions.begin(name)) }
  }

  async leave(request: IncomingMessage): Promise<string> {
    const token = tokenIn(request) ?? ''
    const session = this.room.sessions.of(token)
    await this.room.sessions.end(token)
    if (session !== undefined) await this.note(session.user, 'logged-out')
    return `${this.cookie('')}; Max-Age=0`
  }

  /** Everywhere else they are logged out. */
  async changePassword(user: User, { old, fresh }: { old: string; fresh: string }): Promise<Entry> {
    const entry = await this.tried(user.name, old)
    if (entry !== 'right') return { kind: entry }
    await this.room.users.changePassword(user.name, fresh)
    await this.room.sessions.endAllOf(user.name)
    return { kind: 'in', cookie: this.cookie(await this.room.sessions.begin(user.name)) }
  }

  private tried(name: string, password: string): Promise<'right' | 'wrong' | 'too-often'> {
    if (!this.attempts.mayTry(name)) return Promise.resolve('too-often')
    const tried = this.trying.then(async () => {
      const user = await this.room.users.whose(name, password)
      if (user === undefined) return 'wrong' as const
      this.attempts.right(name)
      return 'right' as const
    })
    this.trying = tried.catch(() => {})
    return tried
  }

  private async note(who: string, what: 'logged-in' | 'logged-out' | 'login-refused'): Promise<void> {
    await this.room.audit.write({ at: new Date(this.clock.nowMs()).toISOString(), who, what }, [])
  }

  private cookie(token: string): string {
    return `${COOKIE}=${token}; HttpOnly; SameSite=Strict; Path=/${this.isSecure ? '; Secure' : ''}`
  }
}

function tokenIn({ headers }: IncomingMessage): string | undefined {
  const cookies = (headers.cookie ?? '').split(';').map(cookie => cookie.trim().split('='))
  return cookies.find(([name]) => name === COOKIE)?.[1]
}
