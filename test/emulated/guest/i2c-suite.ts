/**
 * Goal: the two-wire bus and every driver on it keep their contracts on the kernel's own I2C.
 * Method: the simulated parts on the machine's bus. Time passes in steps, and stands still during a transfer.
 */
import t from 'tap'
import { Ds3231 } from '../../../hal/drivers/ds3231/ds3231.ts'
import { Pcf8574 } from '../../../hal/drivers/pcf8574/pcf8574.ts'
import { Pn532 } from '../../../hal/drivers/pn532/pn532.ts'
import { Sht31 } from '../../../hal/drivers/sht31/sht31.ts'
import { SharedI2cBus } from '../../../hal/ports/shared-i2c-bus.ts'
import { Ds3231Device } from '../../../hal/sim/ds3231-device.ts'
import type { I2cDevice } from '../../../hal/sim/i2c-controller.ts'
import { Pcf8574Device } from '../../../hal/sim/pcf8574-device.ts'
import { Pn532Device } from '../../../hal/sim/pn532-device.ts'
import { RegisterDevice } from '../../../hal/sim/register-device.ts'
import { Sht31Device } from '../../../hal/sim/sht31-device.ts'
import { LinuxI2c } from '../../../hal/transport/i2c/linux-i2c.ts'
import { serveI2c } from '../../../scripts/emulated/guest/serve-i2c.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { cardReaderContract } from '../../contract/card-reader.ts'
import { climateSensorContract } from '../../contract/climate-sensor.ts'
import { expanderContract } from '../../contract/expander.ts'
import { i2cBusContract } from '../../contract/i2c-bus.ts'
import { realTimeClockContract } from '../../contract/real-time-clock.ts'
import { PacedClock } from '../../support/paced-clock.ts'

t.setTimeout(400_000)
const PACE_MS = 50
const BUS = 0
const ADDRESS = {
  register: 0x50,
  sht31: 0x44,
  ds3231: 0x68,
  pcf8574: 0x20,
  pn532: 0x24,
  nobody: 0x51,
} as const
const devices = new Map<number, I2cDevice>([[ADDRESS.register, new RegisterDevice(16)]])
const stop = await serveI2c(devices)
t.teardown(stop)

/** The kernel's bus, and how many transfers are under way on it. */
class WatchedI2c extends LinuxI2c {
  underWay = 0

  override async transfer(address: number, write: Uint8Array, readLength: number): Promise<Uint8Array> {
    this.underWay++
    try {
      return await super.transfer(address, write, readLength)
    } finally {
      this.underWay--
    }
  }
}

/** A part on the wires, its driver on a bus of its own. */
function bench<Device extends I2cDevice>(address: number, make: (clock: PacedClock) => Device) {
  const controller = new WatchedI2c({ bus: BUS })
  const clock = new PacedClock(PACE_MS, () => controller.underWay > 0)
  const device = make(clock)
  devices.set(address, device)
  const shared = new SharedI2cBus({ controller, clock })
  return { clock, device, bus: shared.handle() }
}

i2cBusContract('the kernel’s I2C', async () => {
  const shared = new SharedI2cBus({ controller: new LinuxI2c({ bus: BUS }), clock: systemClock })
  return {
    handle: () => shared.handle(),
    clock: systemClock,
    address: ADDRESS.register,
    absentAddress: ADDRESS.nobody,
    finish: call => call,
  }
})

climateSensorContract('the driver of an SHT31 on the kernel’s I2C', async () => {
  const { clock, device, bus } = bench(ADDRESS.sht31, clock => new Sht31Device(clock))
  return {
    part: new Sht31({ bus, clock }),
    clock,
    setClimate(climate) {
      device.climate = climate
    },
    setSilent(silent) {
      device.silent = silent
    },
  }
})

realTimeClockContract('the driver of a DS3231 on the kernel’s I2C', async () => {
  const { clock, device, bus } = bench(ADDRESS.ds3231, clock => new Ds3231Device(clock))
  return {
    part: new Ds3231({ bus, clock }),
    clock,
    setSilent(silent) {
      device.silent = silent
    },
    losePower: () => device.losePower(),
  }
})

expanderContract('the driver of a PCF8574 on the kernel’s I2C', async () => {
  const { clock, device, bus } = bench(ADDRESS.pcf8574, () => new Pcf8574Device())
  return {
    part: new Pcf8574({ bus, clock }),
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

cardReaderContract('the driver of a PN532 on the kernel’s I2C', async () => {
  const { clock, device, bus } = bench(ADDRESS.pn532, clock => new Pn532Device(clock))
  return {
    part: new Pn532({ bus, clock }),
    clock,
    present(card) {
      device.card = card
    },
    setSilent(silent) {
      device.silent = silent
    },
  }
})
