import { z } from 'zod'
import type { Clock } from '../../../src/base/clock.ts'
import type { GpioInput } from '../../ports/gpio-line.ts'
import type { I2cBus } from '../../ports/i2c-bus.ts'
import type { PartKind } from '../../ports/part.ts'
import type { TwoStatePart } from '../../ports/two-state-part.ts'
import { type DeviceByKind, type PartDriver, type PartSurroundings, partDriver } from '../part-driver.ts'
import { onGpio, onI2c } from '../wiring.ts'
import { johnnyFiveParts } from './johnny-five-parts.ts'

/** One pin; most of these parts say which level means something. */
const onPin = z.strictObject({
  gpio: onGpio(),
  activeLow: z.boolean().optional().meta({ doc: 'True where 0 V means on, pressed or present.' }),
})

type PinPlace = z.output<typeof onPin>
type I2cOptions = { readonly bus: I2cBus; readonly clock: Clock; readonly address: number }
type TwoStateKind = 'presence-sensor' | 'tamper-switch' | 'service-key' | 'headphone-detect'

function input<Kind extends TwoStateKind>(
  kind: Kind,
  summary: string,
  load: () => Promise<(options: { line: GpioInput; clock: Clock }) => DeviceByKind[Kind] & TwoStatePart>,
): PartDriver {
  return partDriver({
    kind,
    summary,
    on: onPin,
    async load({ on }, { clock, machine }) {
      const make = await load()
      return make({ line: machine.gpio.input(on.gpio.line, on), clock })
    },
  })
}

/** A part at an address on a two-wire bus. */
function onBus<Kind extends PartKind>(
  kind: Kind,
  summary: string,
  addressDefault: number,
  load: () => Promise<new (options: I2cOptions) => DeviceByKind[Kind]>,
): PartDriver {
  return partDriver({
    kind,
    summary,
    on: z.strictObject({ i2c: onI2c(addressDefault) }),
    async load({ on: { i2c } }, { clock, machine }) {
      const Device = await load()
      return new Device({ bus: machine.i2c(i2c.number), clock, address: i2c.address })
    },
  })
}

const output = ({ on }: { on: PinPlace }, { clock, machine }: PartSurroundings) => ({
  line: machine.gpio.output(on.gpio.line, on),
  clock,
})

const fault = z.enum(['silent']).optional().meta({ doc: 'A fault from the start, to try what it does.' })

function simulated<Kind extends PartKind>(
  kind: Kind,
  summary: string,
  load: () => Promise<(clock: Clock) => DeviceByKind[Kind] & { setSilent(silent: boolean): void }>,
): PartDriver {
  return partDriver({
    kind,
    summary: `${summary} that is not there`,
    settings: { fault },
    async load(part, { clock }) {
      const make = await load()
      const device = make(clock)
      device.setSilent(part.fault === 'silent')
      return device
    },
  })
}

function simulatedTwoState(
  kind: 'presence-sensor' | 'tamper-switch' | 'service-key' | 'headphone-detect',
  summary: string,
): PartDriver {
  return partDriver({
    kind,
    summary: `${summary} that is not there`,
    settings: {
      fault,
      active: z
        .boolean()
        .default(false)
        .meta({ doc: 'From the start: somebody is there, it is open, turned, plugged in.' }),
    },
    async load(part, { clock }) {
      const { SimulatedTwoStatePart } = await import('../../sim/two-state-part.ts')
      const device = new SimulatedTwoStatePart({ kind, clock })
      device.set(part.active)
      device.setSilent(part.fault === 'silent')
      return device as DeviceByKind[typeof kind]
    },
  })
}

/** Parts on pins and two-wire buses, by the name of their driver. */
export const pinParts: Readonly<Record<string, PartDriver>> = {
  'presence-sensor': input('presence-sensor', 'A movement sensor (PIR module such as HC-SR501)', async () => {
    return (await import('../../drivers/presence/presence.ts')).presenceSensor
  }),
  'tamper-switch': input('tamper-switch', 'A contact that opens with the housing', async () => {
    return (await import('../../drivers/tamper/tamper.ts')).tamperSwitch
  }),
  'service-key': input('service-key', 'A key switch for technicians', async () => {
    return (await import('../../drivers/service-key/service-key.ts')).serviceKey
  }),
  'headphone-detect': input('headphone-detect', 'The switch in a headphone socket', async () => {
    return (await import('../../drivers/headphone/headphone.ts')).headphoneDetect
  }),
  'status-lamp': partDriver({
    kind: 'status-lamp',
    summary: 'A lamp on a pin, by a transistor or relay',
    on: onPin,
    async load(part, surroundings) {
      const { GpioStatusLamp } = await import('../../drivers/status-lamp/status-lamp.ts')
      return new GpioStatusLamp(output(part, surroundings))
    },
  }),
  buzzer: partDriver({
    kind: 'buzzer',
    summary: 'A buzzer with its own oscillator on a pin, by a transistor',
    on: onPin,
    async load(part, surroundings) {
      const { GpioBuzzer } = await import('../../drivers/buzzer/buzzer.ts')
      return new GpioBuzzer(output(part, surroundings))
    },
  }),
  sht31: onBus('climate-sensor', 'Temperature and humidity: SHT30, SHT31, SHT35', 0x44, async () => {
    return (await import('../../drivers/sht31/sht31.ts')).Sht31
  }),
  ds3231: onBus('real-time-clock', 'A battery clock: DS3231', 0x68, async () => {
    return (await import('../../drivers/ds3231/ds3231.ts')).Ds3231
  }),
  pcf8574: onBus('expander', 'Eight slow pins: PCF8574, PCF8574A', 0x20, async () => {
    return (await import('../../drivers/pcf8574/pcf8574.ts')).Pcf8574
  }),
  pn532: onBus('card-reader', 'Sees cards without contacts and their numbers: PN532', 0x24, async () => {
    return (await import('../../drivers/pn532/pn532.ts')).Pn532
  }),
  ...johnnyFiveParts,
  'simulated-presence-sensor': simulatedTwoState('presence-sensor', 'A movement sensor'),
  'simulated-tamper-switch': simulatedTwoState('tamper-switch', 'A housing contact'),
  'simulated-service-key': simulatedTwoState('service-key', 'A key switch'),
  'simulated-headphone-detect': simulatedTwoState('headphone-detect', 'A headphone socket'),
  'simulated-status-lamp': simulated('status-lamp', 'A lamp', async () => {
    const { SimulatedStatusLamp } = await import('../../sim/status-lamp.ts')
    return clock => new SimulatedStatusLamp(clock)
  }),
  'simulated-buzzer': simulated('buzzer', 'A buzzer', async () => {
    const { SimulatedBuzzer } = await import('../../sim/buzzer.ts')
    return clock => new SimulatedBuzzer(clock)
  }),
  'simulated-climate-sensor': simulated('climate-sensor', 'A climate sensor', async () => {
    const { SimulatedClimateSensor } = await import('../../sim/climate-sensor.ts')
    return clock => new SimulatedClimateSensor(clock)
  }),
  'simulated-real-time-clock': simulated('real-time-clock', 'A battery clock', async () => {
    const { SimulatedRealTimeClock } = await import('../../sim/real-time-clock.ts')
    return clock => new SimulatedRealTimeClock(clock, { isSet: true })
  }),
  'simulated-expander': simulated('expander', 'Eight slow pins', async () => {
    const { SimulatedExpander } = await import('../../sim/expander.ts')
    return clock => new SimulatedExpander(clock)
  }),
  'simulated-card-reader': simulated('card-reader', 'A card reader', async () => {
    const { SimulatedCardReader } = await import('../../sim/card-reader.ts')
    return clock => new SimulatedCardReader(clock)
  }),
}
