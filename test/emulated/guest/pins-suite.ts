/**
 * Goal: pins keep their contract on a real chip's kernel driver, edges by interrupt.
 * Method: the PL061 of the machine, its volts set and seen from outside.
 */
import t from 'tap'
import { SysfsGpio } from '../../../hal/transport/gpio/sysfs-gpio.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { gpioLineContract } from '../../contract/gpio-line.ts'
import { until } from '../../support/until.ts'
import { outsidePins } from './hands.ts'

t.setTimeout(300_000)
const CHIP = '9030000.pl061'
const INPUT = 0
const OUTPUT = 5
const SETTLE_MS = 300
const outside = await outsidePins()
t.teardown(() => outside.close())

gpioLineContract('a PL061', async () => ({
  lines: new SysfsGpio({ clock: systemClock }),
  inputLine: `${CHIP}:${INPUT}`,
  outputLine: `${CHIP}:${OUTPUT}`,
  missingLine: `${CHIP}:8`,
  set: volts => outside.set(INPUT, volts),
  level: () => outside.level(OUTPUT),
  until,
  settle: () => new Promise<void>(resolve => setTimeout(resolve, SETTLE_MS)),
}))
