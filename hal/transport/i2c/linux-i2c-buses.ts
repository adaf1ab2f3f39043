import type { Clock } from '../../../src/base/clock.ts'
import type { I2cBus } from '../../ports/i2c-bus.ts'
import { SharedI2cBus } from '../../ports/shared-i2c-bus.ts'
import { LinuxI2c } from './linux-i2c.ts'

/** The buses of this machine: parts on the same one share it, whatever order they come in. */
export class LinuxI2cBuses {
  private readonly buses = new Map<number, SharedI2cBus>()

  constructor(private readonly clock: Clock) {}

  /** A handle on `/dev/i2c-<bus>` for one part; not open. */
  bus(bus: number): I2cBus {
    let shared = this.buses.get(bus)
    if (shared === undefined) {
      shared = new SharedI2cBus({ controller: new LinuxI2c({ bus }), clock: this.clock })
      this.buses.set(bus, shared)
    }
    return shared.handle()
  }
}
