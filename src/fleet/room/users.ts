import { randomBytes } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { KioskError } from '../../base/errors.ts'
import { hashSecret, isSecret } from '../../base/secret-hash.ts'
import type { AuditChain } from '../../kv/audit-chain.ts'
import type { Kv } from '../../kv/kv.ts'
import { decodeValue, encodeValue, under } from '../claims/layout.ts'
import { keyOf, type RoomAuditEntry } from './layout.ts'
import type { Role } from './roles.ts'

export const USER_NAME = /^[a-z][a-z0-9.-]{1,31}$/
export const PASSWORD_CHARS_MIN = 12
export const PASSWORD_CHARS_MAX = 128
const USERS_MAX = 1_000
/** Letters and digits that nobody mistakes for another. */
const SIGNS = '23456789abcdefghjkmnpqrstuvwxyz'
const NEW_PASSWORD_SIGNS = 20

export interface User {
  readonly name: string
  readonly role: Role
  readonly addedAt: string
}
interface KeptUser extends User {
  readonly password: string
}

/** Who may come in. Every change is in the audit log, in the same batch. */
export class UserBook {
  private readonly users = new Map<string, KeptUser>()
  /** Of nobody: a name that is not there takes as long as one that is. */
  private readonly nobody = hashSecret(randomBytes(16).toString('hex'))

  private constructor(
    private readonly audit: AuditChain<RoomAuditEntry>,
    private readonly clock: Clock,
  ) {}

  /** Rejects with `kv/corrupt`, `kv/io`. */
  static async open(kv: Kv, audit: AuditChain<RoomAuditEntry>, clock: Clock): Promise<UserBook> {
    const book = new UserBook(audit, clock)
    for await (const { key, value } of kv.range(under('user/'))) {
      const user = decodeValue<KeptUser>(key, value)
      book.users.set(user.name, user)
    }
    return book
  }

  /** By name. */
  list(): readonly User[] {
    return [...this.users.values()]
      .map(({ name, role, addedAt }) => ({ name, role, addedAt }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  get(name: string): User | undefined {
    return this.users.get(name)
  }

  /** Their first password; nobody can be told it again. Rejects with `fleet/user-exists`, `fleet/too-many`. */
  async add({ name, role, by }: { name: string; role: Role; by: string }): Promise<string> {
    if (this.users.has(name)) throw new KioskError('fleet/user-exists', { user: name })
    if (this.users.size >= USERS_MAX) throw new KioskError('fleet/too-many', { users: USERS_MAX })
    const password = newPassword()
    const user = { name, role, addedAt: this.at(), password: await hashSecret(password) }
    await this.put(user, { who: by, what: 'user-added', about: name, role })
    return password
  }

  /** Rejects with `fleet/unknown-user`. */
  async remove({ name, by }: { name: string; by: string }): Promise<void> {
    if (!this.users.has(name)) throw new KioskError('fleet/unknown-user', { user: name })
    await this.audit.write({ at: this.at(), who: by, what: 'user-removed', about: name }, [
      { delete: keyOf.user(name) },
    ])
    this.users.delete(name)
  }

  /** The user whose password it is. */
  async whose(name: string, password: string): Promise<User | undefined> {
    const user = this.users.get(name)
    const isRight = await isSecret(password, user?.password ?? (await this.nobody))
    // They may have been removed meanwhile.
    return isRight ? this.users.get(name) : undefined
  }

  async changePassword(name: string, password: string): Promise<void> {
    const user = this.users.get(name)
    if (user === undefined) throw new KioskError('fleet/unknown-user', { user: name })
    const changed = { ...user, password: await hashSecret(password) }
    await this.put(changed, { who: name, what: 'password-changed', about: name })
  }

  private async put(user: KeptUser, entry: Omit<RoomAuditEntry, 'at'>): Promise<void> {
    await this.audit.write({ at: this.at(), ...entry }, [
      { put: keyOf.user(user.name), value: encodeValue(user) },
    ])
    this.users.set(user.name, user)
  }

  private at(): string {
    return new Date(this.clock.nowMs()).toISOString()
  }
}

/** A hundred bits, in groups that can be read out. */
function newPassword(): string {
  const signs: string[] = []
  while (signs.length < NEW_PASSWORD_SIGNS) {
    // 5 bits; one of 32 values has no sign.
    const sign = SIGNS[randomBytes(1)[0] & 31]
    if (sign !== undefined) signs.push(sign)
  }
  return (signs.join('').match(/.{5}/g) as string[]).join('-')
}
