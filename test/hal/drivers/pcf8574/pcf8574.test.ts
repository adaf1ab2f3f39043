import t from 'tap'
import { PCF8574_ADDRESS, Pcf8574 } from '../../../../hal/drivers/pcf8574/pcf8574.ts'
import { SimulatedExpander } from '../../../../hal/sim/expander.ts'
import { Pcf8574Device } from '../../../../hal/sim/pcf8574-device.ts'
import { expanderContract } from '../../../contract/expander.ts'
import { i2cBench } from '../../../support/i2c-bench.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { replayI2c } from '../../../support/replay-i2c.ts'

const request = () => ({ timeoutMs: 1000, signal: new AbortController().signal })

function bench() {
  const parts = i2cBench()
  const device = new Pcf8574Device()
  parts.wires.attach(PCF8574_ADDRESS, device)
  return { ...parts, device, part: new Pcf8574({ bus: parts.bus, clock: parts.clock }) }
}

expanderContract('the driver of a PCF8574', async () => {
  const { clock, device, part } = bench()
  return {
    part,
    clock,
    pull(levels) {
      device.outside = levels
    },
    pins: () => device.pins,
    setSilent(silent) {
      device.silent = silent
    },
  }
})

expanderContract('a simulated expander', async () => {
  const clock = new ManualClock()
  const part = new SimulatedExpander(clock)
  return {
    part,
    clock,
    pull(levels) {
      part.outside = levels
    },
    pins: () => part.pins,
    setSilent: silent => part.setSilent(silent),
  }
})

t.test('a conversation: a key at pin 1, a lamp at pin 7', async t => {
  const bus = replayI2c(`
    20 < FF
    20 > 7F
    20 < 7D
    20 > FF      # closing lets the lamp go
  `)
  const part = new Pcf8574({ bus, clock: new ManualClock() })
  await part.open()
  await part.write(0x80, 0x00, request())
  t.same(await part.diagnose(request()), [
    { name: 'pins', value: '10111110' },
    { name: 'let go', value: '11111110' },
  ])
  await part.close()
  bus.done()
})

t.test('a part that lost its power gets its latch again', async t => {
  const { device, part } = bench()
  await part.open()
  await part.write(0xf0, 0x00, request())
  device.losePower()
  t.equal(await part.read(request()), 0x0f)
  t.same(device.heard, [0x0f, 0x0f])
  device.outside = 0x0e
  await part.read(request())
  t.equal(device.heard.length, 2, 'not where the world only pulls lower')
})

t.test('a write while it was unplugged is done by the next one', async t => {
  const { device, part, wires } = bench()
  await part.open()
  wires.detach(PCF8574_ADDRESS)
  await t.rejects(part.write(0x01, 0x00, request()), { code: 'hal/no-answer' })
  wires.attach(PCF8574_ADDRESS, device)
  await part.write(0x02, 0x00, request())
  t.equal(device.pins, 0xfc)
})

t.test('a part that was never written is closed without a word', async t => {
  const { device, part } = bench()
  device.latch = 0xaa
  await part.open()
  await part.close()
  t.same(device.heard, [])
})
