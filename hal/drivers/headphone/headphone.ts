import type { Clock } from '../../../src/base/clock.ts'
import type { GpioInput } from '../../ports/gpio-line.ts'
import type { HeadphoneDetect } from '../../ports/headphone-detect.ts'
import { DebouncedInput } from '../debounced/debounced-input.ts'

/**
 * The switch in a headphone socket. A plug scrapes it for a while as it goes in; once it leaves, private speech must
 * end soon.
 */
export function headphoneDetect(options: { line: GpioInput; clock: Clock }): HeadphoneDetect {
  const settle = { activeMs: 300, inactiveMs: 100 }
  return new DebouncedInput({ ...options, kind: 'headphone-detect', meaning: 'plugged', settle })
}
