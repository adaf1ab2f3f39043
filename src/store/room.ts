import { KioskError } from '../base/errors.ts'
import { capacityOf, type StoreLimits } from './capacity.ts'
import type { Core } from './core.ts'
import type { Capacity } from './ports.ts'

/** What is held, or would be. */
interface Load {
  readonly entries: number
  readonly bytes: number
}

export interface RoomParts {
  readonly limits: StoreLimits
  /** Of the disk that the database is on. Left out: without a limit. */
  freeBytes?(): Promise<number>
}

/** How full the store is; says so once at every level that is reached. */
export class Room {
  private warned: Capacity['level'] = 'ok'

  constructor(
    private readonly core: Core,
    private readonly parts: RoomParts,
  ) {}

  async capacity(): Promise<Capacity> {
    return this.with(this.core.tally, await this.freeBytes())
  }

  async freeBytes(): Promise<number> {
    return (await this.parts.freeBytes?.()) ?? Number.POSITIVE_INFINITY
  }

  with(held: Load, freeBytes: number): Capacity {
    const { clock } = this.core.parts
    const { oldest } = this.core.queue
    return capacityOf(this.parts.limits, {
      entries: held.entries,
      bytes: held.bytes,
      oldestAgeMs: oldest ? clock.nowMs() - oldest.appendedAtMs : 0,
      freeBytes,
    })
  }

  /** Throws `store/full` where `bytes` more are too many for a store that holds `held`. */
  mustHave(bytes: number, held: Load, freeBytes: number): void {
    const { level, limitedBy } = this.with(held, freeBytes)
    const tooLarge = held.bytes + bytes > this.parts.limits.bytesMax
    if (level === 'full' || tooLarge)
      throw new KioskError('store/full', { limitedBy: tooLarge ? 'bytes' : limitedBy })
  }

  warn(capacity: Capacity): void {
    const rises = LEVELS.indexOf(capacity.level) > LEVELS.indexOf(this.warned)
    if (rises) this.core.parts.log.warn('store/filling', { ...capacity })
    this.warned = capacity.level
  }
}

const LEVELS: readonly Capacity['level'][] = ['ok', 'warning', 'urgent', 'full']
