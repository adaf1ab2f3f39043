import { createRequire } from 'node:module'
import t from 'tap'
import type { GpioLines } from '../../../../hal/ports/gpio-line.ts'
import { SharedI2cBus } from '../../../../hal/ports/shared-i2c-bus.ts'
import { SimulatedGpio } from '../../../../hal/sim/gpio-lines.ts'
import { SimulatedI2c } from '../../../../hal/sim/i2c-controller.ts'
import { Pcf8574Device } from '../../../../hal/sim/pcf8574-device.ts'
import { Sht31Device } from '../../../../hal/sim/sht31-device.ts'
import { type JohnnyFiveOptions, JohnnyFivePart } from '../../../../hal/transport/johnny-five/component.ts'
import { ComponentTimers } from '../../../../hal/transport/johnny-five/timers.ts'
import { systemClock } from '../../../../src/base/clock.ts'
import { diagnosableContract } from '../../../contract/diagnosable.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { until } from '../../../support/until.ts'

/** johnny-five has its own timers, so these tests run on the system's clock and wait for what must come. */
function bench(options: Omit<JohnnyFiveOptions, 'clock' | 'lines' | 'i2c'> & { address?: number }) {
  const gpio = new SimulatedGpio()
  const wires = new SimulatedI2c()
  const shared = new SharedI2cBus({ controller: wires, clock: systemClock })
  const { address, ...rest } = options
  const i2c = address === undefined ? undefined : { bus: shared.handle(), address }
  const make = () => new JohnnyFivePart({ clock: systemClock, lines: gpio, i2c, ...rest })
  return { gpio, wires, make, part: make() }
}

const request = () => ({ timeoutMs: 2000, signal: new AbortController().signal })
const reading = async (part: JohnnyFivePart, name: string) =>
  (await part.diagnose(request())).find(other => other.name === name)?.value

/** Calls johnny-five's own method. */
const call = (part: JohnnyFivePart, method: string, ...values: unknown[]) => {
  const act = part.component?.[method]
  if (typeof act !== 'function') throw new Error(`it has no ${method}`)
  return act.apply(part.component, values)
}

const rgb = { red: 'sim:1', green: 'sim:2', blue: 'sim:3' }

diagnosableContract('a johnny-five Led', async () => {
  const clock = new ManualClock()
  const gpio = new SimulatedGpio()
  const part = new JohnnyFivePart({ clock, lines: gpio, component: 'Led', pin: 'sim:1', calls: [['on']] })
  return { part, clock, setSilent: silent => gpio.setFault('sim:1', silent ? 'gone' : undefined) }
})

t.test('Led.RGB: colours are steady or dimmed, and closing leaves the dark', async t => {
  const { gpio, part } = bench({ component: 'Led.RGB', pins: rgb, calls: [['color', '#ff8000'], ['on']] })
  await part.open()
  await until(() => gpio.drove(rgb.green).length > 20)
  t.equal(gpio.level(rgb.red), 1)
  t.equal(gpio.drove(rgb.red).at(-1), 1)
  t.equal(gpio.level(rgb.blue), 0)
  const green = gpio.drove(rgb.green).slice(-20)
  t.equal(green.filter(level => level === 1).length, 10, 'half of green is on and off in turn')
  t.equal(await reading(part, 'is on'), true)
  t.same(
    (await part.diagnose(request())).slice(0, 1),
    [{ name: 'component', value: 'Led.RGB' }],
    'the technician sees what it is',
  )
  call(part, 'off')
  await until(() => gpio.level(rgb.red) === 0)
  t.equal(await reading(part, 'is on'), false)
  await part.close()
  const drove = gpio.drove(rgb.green).length
  await systemClock.sleep(30)
  t.equal(gpio.drove(rgb.green).length, drove, 'nothing dims on')
  t.same(
    Object.values(rgb).map(line => gpio.level(line)),
    [0, 0, 0],
  )
  await part.close()
  await t.rejects(part.diagnose(request()), { code: 'hal/not-open' })
})

t.test('Led.RGB: blinking ends when it is closed', async t => {
  const { gpio, part } = bench({
    component: 'Led.RGB',
    pins: rgb,
    calls: [
      ['color', '#ffffff'],
      ['blink', 5],
    ],
  })
  await part.open()
  await until(() => gpio.drove(rgb.red).filter(level => level === 1).length > 3)
  await part.close()
  const drove = gpio.drove(rgb.red).length
  await systemClock.sleep(30)
  t.equal(gpio.drove(rgb.red).length, drove)
})

t.test('a pin that goes away is said, and comes back', async t => {
  const { gpio, part } = bench({ component: 'Led.RGB', pins: rgb, calls: [['color', '#ff0000'], ['on']] })
  await part.open()
  gpio.setFault(rgb.blue, 'gone')
  await t.rejects(part.diagnose(request()), { code: 'hal/no-answer' })
  gpio.setFault(rgb.blue, undefined)
  t.equal(await reading(part, 'is on'), true)
  await part.close()
})

t.test('a pin in use refuses the part, and lets its others go', async t => {
  const { gpio, make } = bench({ component: 'Led.RGB', pins: rgb })
  const other = gpio.input(rgb.blue)
  await other.open()
  await t.rejects(make().open(), { code: 'hal/in-use' })
  await other.close()
  const part = make()
  await part.open()
  await part.close()
})

for (const component of ['Thermometer', 'Hygrometer', 'Multi']) {
  t.test(`${component} with an SHT31D: measures, falls silent, and comes back by itself`, async t => {
    const { wires, part } = bench({ component, address: 0x44, options: { controller: 'SHT31D' } })
    const device = new Sht31Device(systemClock)
    wires.attach(0x44, device)
    device.climate = { temperatureCelsius: 31, humidityPercent: 64 }
    await part.open()
    const name = component === 'Hygrometer' ? 'relative humidity' : 'celsius'
    const expected = component === 'Hygrometer' ? 64 : 31
    const seen = () => reading(part, name).catch(cause => cause.code)
    const measures = async () => Math.abs(Number(await seen()) - expected) < 0.1
    await until(measures)
    const readings = await part.diagnose(request())
    t.match(
      readings.find(other => other.name === name),
      { unit: component === 'Hygrometer' ? '%' : '°C' },
    )
    if (component === 'Multi')
      t.ok(Math.abs(((await reading(part, 'relative humidity')) as number) - 64) < 0.1)

    wires.detach(0x44)
    await until(async () => (await seen()) === 'hal/no-answer')
    wires.attach(0x44, device)
    await until(measures)
    await part.close()
  })
}

t.test('a part that is not there cannot be opened, and can once it is', async t => {
  const { wires, make } = bench({
    component: 'Thermometer',
    address: 0x44,
    options: { controller: 'SHT31D' },
  })
  await t.rejects(make().open(), { code: 'hal/no-answer' })
  wires.attach(0x44, new Sht31Device(systemClock))
  const part = make()
  await part.open()
  await part.close()
})

t.test('Expander with a PCF8574: its outputs follow, and it can be opened again', async t => {
  const { wires, make } = bench({ component: 'Expander', address: 0x21, options: { controller: 'PCF8574' } })
  const device = new Pcf8574Device()
  wires.attach(0x21, device)
  for (let time = 0; time < 3; time++) {
    const part = make()
    await part.open()
    t.equal(device.latch, 0x00, 'johnny-five pulls all of them low')
    call(part, 'digitalWrite', 3, 1)
    call(part, 'digitalWrite', 6, 1)
    await until(() => device.latch === 0x48)
    call(part, 'digitalWrite', 3, 0)
    await until(() => device.latch === 0x40)
    const read = new Promise(resolve => call(part, 'digitalRead', 6, resolve))
    t.equal(await read, 1)
    t.equal(await reading(part, 'component'), 'Expander')
    wires.detach(0x21)
    const diagnosis = () =>
      part.diagnose(request()).then(
        () => 'up',
        cause => cause.code,
      )
    await until(async () => (await diagnosis()) === 'hal/no-answer')
    wires.attach(0x21, device)
    await until(async () => (await diagnosis()) === 'up')
    await part.close()
  }
})

t.test('Button: an edge is a press', async t => {
  const { gpio, part } = bench({ component: 'Button', pin: 'sim:5', options: { isPullup: true } })
  gpio.set('sim:5', 1)
  await part.open()
  const button = part.component as unknown as NodeJS.EventEmitter
  let presses = 0
  button.on('press', () => presses++)
  // A press is heard after johnny-five's own debouncing.
  await systemClock.sleep(30)
  gpio.set('sim:5', 0)
  await until(() => presses > 0)
  t.equal(presses, 1)
  await part.close()
})

t.test('ShiftRegister: clock and data keep their order over different pins', async t => {
  const gpio = new SimulatedGpio()
  const bits: number[] = []
  /** What the chip sees: its data pin at each rising edge of its clock. */
  const lines: GpioLines = {
    input: (line, options) => gpio.input(line, options),
    output: (line, options) => {
      const output = gpio.output(line, options)
      return {
        ...output,
        async write(active) {
          const before = gpio.level(line)
          await output.write(active)
          if (line === 'sim:clock:2' && before === 0 && active) bits.push(gpio.level('sim:data:1'))
        },
      }
    },
  }
  const part = new JohnnyFivePart({
    clock: systemClock,
    lines,
    component: 'ShiftRegister',
    pins: { data: 'sim:data:1', clock: 'sim:clock:2', latch: 'sim:latch:3' },
    calls: [['send', 0b1011_0010]],
  })
  await part.open()
  t.same(bits.slice(-8), [1, 0, 1, 1, 0, 0, 1, 0])
  await part.close()
})

t.test('what johnny-five or our pins cannot do is one clear line', async t => {
  for (const [options, problem] of [
    [{ component: 'Led.XYZ', pin: 'sim:1' }, /no such component/],
    [{ component: 'Board' }, /no such component/],
    [{ component: '__proto__' }, /no such component/],
    [{ component: 'Thermometer', pin: 'sim:1', options: { controller: 'LM35' } }, /no analogue inputs/],
    [{ component: 'Servo', pin: 'sim:1' }, /no servos/],
    [{ component: 'Thermometer', options: { controller: 'SHT31D' } }, /no I2C without/],
    [{ component: 'Expander', address: 0x20, options: { controller: 'NONE' } }, /Expander/],
    [{ component: 'Led', pin: 'sim:1', calls: [['explode']] }, /no method explode/],
  ] as const) {
    const { part, gpio } = bench(options)
    await t.rejects(part.open(), { code: 'config/bad-value', message: problem }, JSON.stringify(options))
    await gpio.input('sim:1').open()
  }
})

t.test('timers are on our clock, end when told, and report what fails', async t => {
  const clock = new ManualClock()
  const failures: unknown[] = []
  const timers = new ComponentTimers({ clock, report: failure => failures.push(failure) })
  const ticks: unknown[] = []
  const interval = timers.setInterval(value => ticks.push(value), 10, 'interval')
  timers.setTimeout(value => ticks.push(value), 25, 'once')
  timers.clear(timers.setTimeout(value => ticks.push(value), 5, 'never'))
  timers.clear(undefined)
  await clock.advance(35)
  t.same(ticks, ['interval', 'interval', 'once', 'interval'])
  timers.clear(interval)
  const failure = new Error('a part that surprises')
  timers.setInterval(() => {
    throw failure
  }, 0)
  await clock.advance(3)
  t.same(failures, [failure, failure, failure])
  timers.close()
  timers.setInterval(() => ticks.push('late'), 1)
  await clock.advance(100)
  t.equal(ticks.length, 4)
  t.equal(clock.sleeping, 0)
})

t.test('its serial port stays unloaded', async t => {
  const { part } = bench({ component: 'Led', pin: 'sim:1' })
  await part.open()
  await part.close()
  const loaded = Object.keys(createRequire(import.meta.url).cache ?? {})
  t.same(
    loaded.filter(path => /serialport|firmata/.test(path)),
    [],
  )
})

t.test('opened a hundred times, it leaves nothing behind', async t => {
  const { make } = bench({ component: 'Led', pin: 'sim:1' })
  const { gc } = globalThis
  const openAndClose = async (times: number) => {
    for (let time = 0; time < times; time++) {
      const part = make()
      await part.open()
      await part.close()
    }
    gc?.()
    return process.memoryUsage().heapUsed / 2 ** 20
  }
  const beforeMiB = await openAndClose(20)
  const afterMiB = await openAndClose(100)
  t.ok(afterMiB - beforeMiB < 100, `grew by ${(afterMiB - beforeMiB).toFixed(1)} MiB`)
})
