import t from 'tap'
import { GpioStatusLamp } from '../../../../hal/drivers/status-lamp/status-lamp.ts'
import { SimulatedGpio } from '../../../../hal/sim/gpio-lines.ts'
import { SimulatedStatusLamp } from '../../../../hal/sim/status-lamp.ts'
import { statusLampContract } from '../../../contract/status-lamp.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const LINE = 'sim:27'

function bench(activeLow = false) {
  const clock = new ManualClock()
  const gpio = new SimulatedGpio()
  const part = new GpioStatusLamp({ line: gpio.output(LINE, { activeLow }), clock })
  // Before anybody drives the pin, its pull resistor keeps the lamp dark.
  gpio.set(LINE, activeLow ? 1 : 0)
  return { clock, gpio, part, lit: () => gpio.level(LINE) === (activeLow ? 0 : 1) }
}

for (const activeLow of [false, true]) {
  statusLampContract(`a lamp on a pin, active ${activeLow ? 'low' : 'high'}`, async () => {
    const { gpio, ...lamp } = bench(activeLow)
    return { ...lamp, setSilent: silent => gpio.setFault(LINE, silent ? 'gone' : undefined) }
  })
}

statusLampContract('a simulated lamp', async () => {
  const clock = new ManualClock()
  const part = new SimulatedStatusLamp(clock)
  return { clock, part, lit: () => part.lit, setSilent: silent => part.setSilent(silent) }
})

t.test('a pin that fails in the middle of a pattern comes back by itself', async t => {
  const { clock, gpio, part, lit } = bench()
  await part.open()
  await part.show('attention')
  gpio.setFault(LINE, 'gone')
  await clock.advance(1000)
  gpio.setFault(LINE, undefined)
  const seen = new Set<boolean>()
  for (let step = 0; step < 10; step++) {
    await clock.advance(100)
    seen.add(lit())
  }
  t.same([...seen].sort(), [false, true])
  await part.close()
})

t.test('the technician sees what it shows', async t => {
  const { part } = bench()
  await part.open()
  await part.show('ready')
  t.same(await part.diagnose({ timeoutMs: 100, signal: new AbortController().signal }), [
    { name: 'shows', value: 'ready' },
    { name: 'lit', value: true },
  ])
  await part.close()
})
