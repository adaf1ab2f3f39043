import type { RemoteCommandName } from '../../settings/remote-command.ts'
import type { Act } from '../roll-outs/book.ts'
import type { Role } from './roles.ts'

/**
 * What operations keep beside what the broker keeps for them: in no value a citizen, in no key a secret.
 *
 *     user/<name>                     KeptUser        with the hash of a password
 *     session/<sha256 of the token>   Session         who is logged in; the token itself is never kept
 *     audit/<number>                  RoomAuditEntry  hash-chained (src/kv/audit-chain.ts)
 *     history/<ISO time>              HistoryPoint    counts of the whole fleet
 *     timeline/<kiosk>/<ISO time>-<n> TimelineEntry   what happened to one kiosk
 *     rollout/<id>                    RollOut         src/fleet/roll-outs
 *     rollout-kiosk/<id>/<kiosk>      KioskProgress   how far one is at one kiosk
 *     good/<kiosk>                    GoodConfig      what it last ran after its probation
 */
export const keyOf = {
  user: (name: string) => `user/${name}`,
  session: (hash: string) => `session/${hash}`,
  audit: 'audit/',
  history: (at: string) => `history/${at}`,
  timeline: (kiosk: string, at: string, number: number) =>
    `timeline/${kiosk}/${at}-${String(number).padStart(6, '0')}`,
  good: (kiosk: string) => `good/${kiosk}`,
}

export interface RoomAuditEntry {
  readonly at: string
  /** A user of the page, or of this machine. */
  readonly who: string
  readonly what:
    | 'user-added'
    | 'user-removed'
    | 'password-changed'
    | 'logged-in'
    | 'logged-out'
    | 'login-refused'
    | 'rollout-proposed'
    | `rollout-${Act}`
    | 'rollout-begun'
    | 'rollout-done'
    | 'rollout-stopped'
    | 'command'
  /** Of which user, roll-out or kiosk. */
  readonly about?: string
  readonly role?: Role
  /** What a kiosk was to do. */
  readonly command?: RemoteCommandName
}
