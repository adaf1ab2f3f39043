import t from 'tap'
import { GpioBuzzer } from '../../../../hal/drivers/buzzer/buzzer.ts'
import { SimulatedBuzzer } from '../../../../hal/sim/buzzer.ts'
import { SimulatedGpio } from '../../../../hal/sim/gpio-lines.ts'
import { buzzerContract } from '../../../contract/buzzer.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const LINE = 'sim:22'

function bench() {
  const clock = new ManualClock()
  const gpio = new SimulatedGpio()
  const part = new GpioBuzzer({ line: gpio.output(LINE), clock })
  return { clock, gpio, part, sounding: () => gpio.level(LINE) === 1 }
}

buzzerContract('a buzzer on a pin', async () => {
  const { gpio, ...buzzer } = bench()
  return { ...buzzer, setSilent: silent => gpio.setFault(LINE, silent ? 'gone' : undefined) }
})

buzzerContract('a simulated buzzer', async () => {
  const clock = new ManualClock()
  const part = new SimulatedBuzzer(clock)
  return { clock, part, sounding: () => part.sounding, setSilent: silent => part.setSilent(silent) }
})

t.test('a call for help is three sounds', async t => {
  const { clock, gpio, part } = bench()
  await part.open()
  await clock.finish(part.sound('help-called', { signal: new AbortController().signal }))
  const sounds = gpio.drove(LINE).filter((level, i, all) => level === 1 && all[i - 1] !== 1)
  t.equal(sounds.length, 3)
  t.equal(clock.monotonicMs(), 900)
  await part.close()
})
