import t from 'tap'
import { boardJsonSchema, checkBoard, readBoard } from '../../../hal/board/board.ts'
import { pinParts } from '../../../hal/board/drivers/pin-parts.ts'
import type { Machine } from '../../../hal/board/machine.ts'
import { openBoard } from '../../../hal/board/open-board.ts'
import { SharedI2cBus } from '../../../hal/ports/shared-i2c-bus.ts'
import { Ds3231Device } from '../../../hal/sim/ds3231-device.ts'
import { SimulatedGpio } from '../../../hal/sim/gpio-lines.ts'
import { SimulatedI2c } from '../../../hal/sim/i2c-controller.ts'
import { SimulatedLoopback } from '../../../hal/sim/loopback.ts'
import { Pcf8574Device } from '../../../hal/sim/pcf8574-device.ts'
import { Pn532Device } from '../../../hal/sim/pn532-device.ts'
import { Sht31Device } from '../../../hal/sim/sht31-device.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const request = () => ({ timeoutMs: 2000, signal: new AbortController().signal })

/** A board with every part of `pin-parts.ts` that is wired, as a technician would write it. */
const wiredBoard = {
  id: 'bench',
  parts: [
    { name: 'presence', driver: 'presence-sensor', on: { gpio: 'sim:1' } },
    { name: 'housing', driver: 'tamper-switch', on: { gpio: 'sim:2' } },
    { name: 'key', driver: 'service-key', on: { gpio: 'sim:3', activeLow: true } },
    { name: 'headphones', driver: 'headphone-detect', on: { gpio: 'sim:4', activeLow: true } },
    { name: 'lamp', driver: 'status-lamp', on: { gpio: 'sim:5' } },
    { name: 'buzzer', driver: 'buzzer', on: { gpio: 'sim:6' } },
    { name: 'climate', driver: 'sht31', on: { i2c: 'i2c:1@0x45' } },
    { name: 'clock', driver: 'ds3231', on: { i2c: 'i2c:1' } },
    { name: 'pins', driver: 'pcf8574', on: { i2c: 'i2c:1' } },
    { name: 'cards', driver: 'pn532', on: { i2c: 'i2c:1' } },
    {
      name: 'ring',
      driver: 'johnny-five',
      component: 'Led.RGB',
      on: { pins: { red: 'sim:7', green: 'sim:8', blue: 'sim:9' } },
      calls: [['color', '#00ff00'], ['on']],
    },
    {
      name: 'room',
      driver: 'johnny-five',
      component: 'Thermometer',
      options: { controller: 'SHT31D' },
      on: { i2c: 'i2c:3@0x44' },
    },
  ],
}

function bench() {
  const clock = new ManualClock()
  const gpio = new SimulatedGpio()
  const wires = new SimulatedI2c()
  wires.attach(0x45, new Sht31Device(clock))
  wires.attach(0x44, new Sht31Device(clock))
  wires.attach(0x68, new Ds3231Device(clock))
  wires.attach(0x20, new Pcf8574Device())
  wires.attach(0x24, new Pn532Device(clock))
  const shared = new SharedI2cBus({ controller: wires, clock })
  const machine: Machine = {
    gpio,
    loopback: new SimulatedLoopback(),
    i2c: () => shared.handle(),
    line: () => Promise.reject(new Error('no part of this board has a line')),
  }
  for (const line of ['sim:3', 'sim:4']) gpio.set(line, 1)
  return { clock, gpio, wires, machine }
}

t.test('every wired part comes up, and answers a technician', async t => {
  const { clock, gpio, machine } = bench()
  const board = await clock.finish(openBoard(readBoard(JSON.stringify(wiredBoard)), { clock, machine }))
  for (const part of board.parts) {
    t.same(part.state, { up: true }, part.name)
    const readings = await clock.finish(part.diagnose(request()))
    t.ok(readings.length > 0, `${part.name}: ${JSON.stringify(readings)}`)
    t.equal(part.kind, pinParts[part.driver].kind)
  }
  t.equal(gpio.level('sim:8'), 1, 'the ring is green')
  const key = board.partsOf('service-key')[0].device
  t.equal(key.active, false)
  gpio.set('sim:3', 0)
  await clock.advance(100)
  t.equal(key.active, true, 'active low')
  await board.partsOf('status-lamp')[0].device.show('ready')
  t.equal(gpio.level('sim:5'), 1)
  await clock.finish(board.close())
  t.same([gpio.level('sim:5'), gpio.level('sim:8')], [0, 0])
  await clock.advance(10_000)
  t.equal(clock.sleeping, 0, 'nothing is left waiting')
})

t.test('parts that are not there are down with their reason, come back, and no other part minds', async t => {
  const { clock, gpio, wires, machine } = bench()
  wires.detach(0x45)
  wires.heldByKernel.add(0x68)
  gpio.setFault('sim:1', 'no-permission')
  const board = await clock.finish(openBoard(readBoard(JSON.stringify(wiredBoard)), { clock, machine }))
  const down = () => board.parts.flatMap(({ name, state }) => (state.up ? [] : [[name, state.code]]))
  t.same(down(), [
    ['presence', 'hal/no-permission'],
    ['climate', 'hal/no-answer'],
    ['clock', 'hal/in-use'],
  ])
  wires.attach(0x45, new Sht31Device(clock))
  wires.heldByKernel.clear()
  gpio.setFault('sim:1', undefined)
  await clock.advance(120_000)
  t.same(down(), [])
  await clock.finish(board.close())
})

t.test('every simulated part is up, or silent where its board says so', async t => {
  const clock = new ManualClock()
  const drivers = Object.keys(pinParts).filter(name => name.startsWith('simulated-'))
  t.equal(drivers.length, 10)
  for (const fault of [undefined, 'silent']) {
    const parts = drivers.map((driver, i) => ({ name: `part-${i}`, driver, fault }))
    const board = await clock.finish(openBoard(readBoard(JSON.stringify({ id: 'desk', parts })), { clock }))
    for (const part of board.parts) {
      const asked = clock.finish(part.diagnose(request()))
      if (fault === undefined) t.ok((await asked).length > 0, part.driver)
      else await t.rejects(asked, { code: 'hal/no-answer' }, part.driver)
    }
    await clock.finish(board.close())
  }
})

t.test('what is wired wrongly is one clear line', async t => {
  const problems = (...parts: object[]) =>
    checkBoard(JSON.stringify({ id: 'x', parts })).problems.map(
      ({ where, problem }) => `${where}: ${problem}`,
    )
  t.match(problems({ name: 'a', driver: 'status-lamp', on: { gpio: '17' } }), [
    /parts.0.on.gpio.*pinctrl-bcm2711:17/,
  ])
  t.match(problems({ name: 'a', driver: 'sht31', on: { i2c: 'i2c:1@44' } }), [/parts.0.on.i2c.*i2c:1@0x44/])
  t.match(problems({ name: 'a', driver: 'johnny-five', on: { i2c: 'i2c:1' }, component: 'Led' }), [
    /i2c:1@0x44/,
  ])
  t.match(problems({ name: 'a', driver: 'johnny-five', on: {}, component: 'process.exit' }), [/component/])
  t.match(
    problems(
      { name: 'a', driver: 'buzzer', on: { gpio: 'sim:1' } },
      { name: 'b', driver: 'johnny-five', component: 'Led', on: { pin: 'sim:1' } },
    ),
    [/a and b are both wired to sim:1/],
  )
  t.match(
    problems(
      { name: 'a', driver: 'sht31', on: { i2c: 'i2c:1' } },
      { name: 'b', driver: 'johnny-five', component: 'Thermometer', on: { i2c: 'i2c:1@0x44' } },
    ),
    [/a and b are both wired to i2c:1@0x44/],
  )
  t.equal(typeof boardJsonSchema(), 'object')
})
