import { SharedI2cBus } from '../../hal/ports/shared-i2c-bus.ts'
import { SimulatedI2c } from '../../hal/sim/i2c-controller.ts'
import { ManualClock } from './manual-clock.ts'

/** Simulated wires and a bus over them, with a clock that the test moves. */
export function i2cBench(seed = 1) {
  const clock = new ManualClock()
  const wires = new SimulatedI2c({ seed })
  const shared = new SharedI2cBus({ controller: wires, clock })
  return { clock, wires, bus: shared.handle() }
}
