import type { Connection } from '../../hal/ports/loopback.ts'
import type { Clock } from '../../src/base/clock.ts'

export interface Faults {
  /** What the part says is cut after so many bytes, and the connection with it. */
  readonly cutAfterBytes?: number
  /** Or goes quiet there, and stays connected. */
  readonly quietAfterBytes?: number
  /** One byte at a time, so long apart. */
  readonly dripMs?: number
  /** What the part says is followed by these bytes, again and again. */
  readonly floodWith?: Uint8Array
}

/** The part's end of a connection on which something goes wrong. */
export function faultyConnection(connection: Connection, clock: Clock, faults: Faults): Connection {
  const { cutAfterBytes, quietAfterBytes, dripMs, floodWith } = faults
  let said = 0
  return {
    read: signal => connection.read(signal),
    close: () => connection.close(),
    async write(bytes, signal) {
      const room = (cutAfterBytes ?? quietAfterBytes ?? Number.POSITIVE_INFINITY) - said
      const heard = bytes.subarray(0, Math.max(0, room))
      said += bytes.length
      if (dripMs === undefined) await connection.write(heard, signal)
      else
        for (const byte of heard) {
          await connection.write(Uint8Array.of(byte), signal)
          await clock.sleep(dripMs, signal)
        }
      if (floodWith !== undefined) for (;;) await connection.write(floodWith, signal)
      if (heard.length === bytes.length) return
      if (quietAfterBytes !== undefined) await clock.sleep(Number.MAX_SAFE_INTEGER, signal)
      connection.close()
    },
  }
}
