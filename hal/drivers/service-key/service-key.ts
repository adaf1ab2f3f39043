import type { Clock } from '../../../src/base/clock.ts'
import type { GpioInput } from '../../ports/gpio-line.ts'
import type { ServiceKey } from '../../ports/service-key.ts'
import { DebouncedInput } from '../debounced/debounced-input.ts'

/** A key switch that closes to ground: active low, with a pull-up. Mechanical contacts bounce for up to 20 ms. */
export function serviceKey(options: { line: GpioInput; clock: Clock }): ServiceKey {
  const settle = { activeMs: 50, inactiveMs: 50 }
  return new DebouncedInput({ ...options, kind: 'service-key', meaning: 'turned', settle })
}
