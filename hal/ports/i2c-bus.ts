import { KioskError } from '../../src/base/errors.ts'

export interface I2cTransferOptions {
  /** From the call, waiting for others included; `I2C_TIMEOUT_MS` if left out. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/**
 * A two-wire bus, as one part sees it; others may share it.
 *
 * Contract (test/contract/i2c-bus.ts):
 * - Before `open` and after `close`, `transfer` rejects with `hal/not-open`; `open` may follow `close`. Closing it for
 *   one part leaves it open for the others.
 * - One transfer at a time: others wait their turn, first come first served, within their own time.
 * - `transfer` writes all of `write`, then reads `readLength` bytes; either may be nothing, not both. It settles
 *   within its time, whatever the bus does, and stops early on `signal`.
 * - It rejects with `hal/no-answer` where no part acknowledges (also one that is busy) or the bus hangs,
 *   `hal/in-use` where a kernel driver holds the address, `hal/unsupported` where the controller cannot do it.
 * - Nothing of an unfinished transfer gets into the next one.
 */
export interface I2cBus {
  open(): Promise<void>
  transfer(
    address: number,
    write: ArrayLike<number>,
    readLength: number,
    options?: I2cTransferOptions,
  ): Promise<Uint8Array>
  close(): Promise<void>
}

export const I2C_TIMEOUT_MS = 500
/** What one transfer may write or read; drivers of controllers take 8 kB, our parts need 64 bytes. */
export const I2C_BYTES_MAX = 256

/**
 * The hardware under a bus: one transaction after the other, no sharing, no patience. It rejects with errors whose
 * `code` is the kernel's (`ENXIO`, `EREMOTEIO`, `EAGAIN`, …); `SharedI2cBus` makes a bus of it.
 */
export interface I2cController {
  /** For people, such as `i2c:1`. */
  readonly name: string
  open(): Promise<void>
  transfer(address: number, write: Uint8Array, readLength: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** Where a part is wired: `i2c:<bus>@0x<address>`. */
export interface I2cWiring {
  readonly bus: number
  readonly address: number
}

const BUS_MAX = 99
const ADDRESS_MIN = 0x08
const ADDRESS_MAX = 0x77

/** Reads `i2c:1@0x44`, or `i2c:1` where the driver knows the address. Throws `config/bad-value`. */
export function parseI2cWiring(text: string, addressDefault?: number): I2cWiring {
  const parts = /^i2c:(\d{1,2})(?:@0x([0-9a-fA-F]{1,2}))?$/.exec(text)
  const bus = Number(parts?.[1])
  const address = parts?.[2] === undefined ? addressDefault : Number.parseInt(parts[2], 16)
  if (
    parts === null ||
    bus > BUS_MAX ||
    address === undefined ||
    address < ADDRESS_MIN ||
    address > ADDRESS_MAX
  )
    throw new KioskError('config/bad-value', {
      where: 'i2c',
      problem: `${JSON.stringify(text.slice(0, 80))} is not i2c:BUS@0xADDRESS, such as i2c:1@0x44`,
    })
  return { bus, address }
}
