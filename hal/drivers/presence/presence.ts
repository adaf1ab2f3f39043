import type { Clock } from '../../../src/base/clock.ts'
import type { GpioInput } from '../../ports/gpio-line.ts'
import type { PresenceSensor } from '../../ports/presence-sensor.ts'
import { DebouncedInput } from '../debounced/debounced-input.ts'

/**
 * A movement sensor (PIR module such as HC-SR501): its output is high for a while after each movement. People who
 * read the screen hold still, so they are believed to be there for 5 s more.
 */
export function presenceSensor(options: { line: GpioInput; clock: Clock }): PresenceSensor {
  const settle = { activeMs: 100, inactiveMs: 5000 }
  return new DebouncedInput({ ...options, kind: 'presence-sensor', meaning: 'present', settle })
}
