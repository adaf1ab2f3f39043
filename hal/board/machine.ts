import type { Clock } from '../../src/base/clock.ts'
import type { BytePort } from '../ports/byte-port.ts'
import type { GpioLines } from '../ports/gpio-line.ts'
import type { I2cBus } from '../ports/i2c-bus.ts'
import type { Loopback } from '../ports/loopback.ts'
import { SysfsGpio } from '../transport/gpio/sysfs-gpio.ts'
import { LinuxI2cBuses } from '../transport/i2c/linux-i2c-buses.ts'
import { tcpLoopback } from '../transport/loopback.ts'
import type { LineWiring } from './wiring.ts'

/** The pins, buses and ports that parts hang on: those of this machine, or simulated ones in a test. */
export interface Machine {
  readonly gpio: GpioLines
  /** A handle on the bus `/dev/i2c-<number>` for one part; not open. */
  i2c(number: number): I2cBus
  /** A line to one part; not open. */
  line(wiring: LineWiring): Promise<BytePort>
  /** Services that listen on this machine. */
  readonly loopback: Loopback
}

/** This machine. Packages with native code are loaded when a part opens what needs them. */
export function thisMachine(clock: Clock): Machine {
  const buses = new LinuxI2cBuses(clock)
  return {
    gpio: new SysfsGpio({ clock }),
    i2c: number => buses.bus(number),
    loopback: tcpLoopback,
    async line(wiring) {
      switch (wiring.bus) {
        case 'serial': {
          const { SerialLine } = await import('../transport/serial.ts')
          return new SerialLine(wiring)
        }
        case 'usb-printer': {
          const { UsbPrinterLine } = await import('../transport/usb-printer.ts')
          return new UsbPrinterLine({ ...wiring, clock })
        }
        case 'tcp': {
          const { TcpPort } = await import('../transport/tcp.ts')
          return new TcpPort(wiring)
        }
      }
    },
  }
}
