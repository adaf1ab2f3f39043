import type { BoardPart } from '../../hal/ports/part.ts'
import type { ServiceKey } from '../../hal/ports/service-key.ts'
import type { TamperSwitch } from '../../hal/ports/tamper-switch.ts'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { KioskStore } from '../store/store.ts'

interface With<Device> extends BoardPart {
  readonly device: Device
}

export interface HousingParts {
  readonly switches: readonly With<TamperSwitch>[]
  readonly serviceKeys: readonly With<ServiceKey>[]
  readonly store: Pick<KioskStore, 'note' | 'latestNote'>
  readonly clock: Clock
  readonly log: Log
  /** Erases the data key, where the settings want that. */
  readonly erase?: () => Promise<void>
  /** `openedAt` changed. */
  onChange(): void
  /** The data key is gone: the kiosk has nothing left to read its store with. */
  onErased(): void
}

/**
 * The housing of the kiosk. It was broken into when a switch opens while no service key is turned, or is open when the
 * kiosk starts; the alarm stands in the audit log, so that it outlives the plug, until somebody turns the service key.
 */
export class Housing {
  /** Since when nobody has answered for an open housing; ISO 8601. */
  openedAt: string | undefined

  private constructor(private readonly parts: HousingParts) {}

  /** Watches from now on. Rejects with `kv/…`. */
  static async guard(parts: HousingParts): Promise<Housing> {
    const housing = new Housing(parts)
    const last = await parts.store.latestNote('housing-opened', 'housing-answered-for')
    if (last?.what === 'housing-opened') housing.openedAt = last.at
    for (const { name, device } of parts.serviceKeys)
      device.onChange(isTurned => {
        if (isTurned) void housing.answeredFor(name)
      })
    for (const { name, device } of parts.switches) {
      const judge = (isOpen: boolean | undefined) => {
        const isService = parts.serviceKeys.some(key => key.device.active === true)
        if (isOpen && !isService) void housing.opened(name)
      }
      device.onChange(judge)
      judge(device.active)
    }
    return housing
  }

  private async opened(part: string): Promise<void> {
    const { store, clock, log, erase, onChange, onErased } = this.parts
    if (this.openedAt !== undefined) return
    this.openedAt = new Date(clock.nowMs()).toISOString()
    log.error('housing-opened', { part, erase: erase !== undefined })
    onChange()
    await this.logged(async () => {
      // The key goes first: whoever opened the housing may be about to pull the plug.
      await erase?.()
      await store.note(part, 'housing-opened')
      if (erase !== undefined) await store.note(part, 'data-key-erased')
    })
    if (erase !== undefined) onErased()
  }

  private async answeredFor(key: string): Promise<void> {
    if (this.openedAt === undefined) return
    this.openedAt = undefined
    this.parts.onChange()
    await this.logged(() => this.parts.store.note(key, 'housing-answered-for'))
  }

  private async logged(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof KioskError)) throw error
      this.parts.log.error('housing', { code: error.code })
    }
  }
}
