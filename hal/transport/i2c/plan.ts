import type { I2CFuncs } from 'i2c-bus'

/** What a controller can do, as far as it matters here. */
export type Abilities = Pick<
  I2CFuncs,
  | 'i2c'
  | 'smbusReceiveByte'
  | 'smbusSendByte'
  | 'smbusReadByte'
  | 'smbusWriteByte'
  | 'smbusReadI2cBlock'
  | 'smbusWriteI2cBlock'
>

/** SMBus blocks end here. */
const BLOCK_BYTES_MAX = 32

export type Plan =
  | 'write'
  | 'read'
  | 'write-then-read'
  | 'send-byte'
  | 'receive-byte'
  | 'write-register'
  | 'read-register'
  | 'write-block'
  | 'read-block'

/**
 * How to write `writeLength` bytes and then read `readLength` on this controller; undefined where it cannot.
 *
 * Registers are read as SMBus blocks wherever they fit: that is one transaction with a repeated start, so that
 * nobody comes between, which `i2c-bus` has no plain call for. Controllers that know SMBus only (`i2c-stub`)
 * get its other calls as far as they go.
 */
export function planTransfer(able: Abilities, writeLength: number, readLength: number): Plan | undefined {
  if (readLength === 0) {
    if (able.i2c) return 'write'
    if (writeLength === 1) return able.smbusSendByte ? 'send-byte' : undefined
    if (writeLength === 2 && able.smbusWriteByte) return 'write-register'
    return writeLength <= 1 + BLOCK_BYTES_MAX && able.smbusWriteI2cBlock ? 'write-block' : undefined
  }
  if (writeLength === 0) {
    if (able.i2c) return 'read'
    return readLength === 1 && able.smbusReceiveByte ? 'receive-byte' : undefined
  }
  if (writeLength === 1) {
    if (readLength === 1 && able.smbusReadByte) return 'read-register'
    if (readLength <= BLOCK_BYTES_MAX && able.smbusReadI2cBlock) return 'read-block'
  }
  return able.i2c ? 'write-then-read' : undefined
}
