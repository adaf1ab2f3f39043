/** Puts the two-wire parts of the board `emulated` onto the machine's bus, for as long as this program runs. */
import { DS3231_ADDRESS } from '../../../hal/drivers/ds3231/ds3231.ts'
import { PN532_ADDRESS } from '../../../hal/drivers/pn532/pn532.ts'
import { SHT31_ADDRESS } from '../../../hal/drivers/sht31/sht31.ts'
import { Ds3231Device } from '../../../hal/sim/ds3231-device.ts'
import type { I2cDevice } from '../../../hal/sim/i2c-controller.ts'
import { Pn532Device } from '../../../hal/sim/pn532-device.ts'
import { Sht31Device } from '../../../hal/sim/sht31-device.ts'
import { systemClock as clock } from '../../../src/base/clock.ts'
import { serveI2c } from './serve-i2c.ts'

await serveI2c(
  new Map<number, I2cDevice>([
    [SHT31_ADDRESS, new Sht31Device(clock)],
    [DS3231_ADDRESS, new Ds3231Device(clock)],
    [PN532_ADDRESS, new Pn532Device(clock)],
  ]),
)
console.log('the two-wire parts are there')
