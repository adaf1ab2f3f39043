import type { Clock } from '../../../src/base/clock.ts'
import type { GpioInput } from '../../ports/gpio-line.ts'
import type { TamperSwitch } from '../../ports/tamper-switch.ts'
import { DebouncedInput } from '../debounced/debounced-input.ts'

/**
 * A contact that opens with the housing. Wire it closed to ground with a pull-up, active high: then a cut wire is an
 * opened housing too. Opening is believed at the first edge, shutting after a second.
 */
export function tamperSwitch(options: { line: GpioInput; clock: Clock }): TamperSwitch {
  const settle = { activeMs: 0, inactiveMs: 1000 }
  return new DebouncedInput({ ...options, kind: 'tamper-switch', meaning: 'opened', settle })
}
