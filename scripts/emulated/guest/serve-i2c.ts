import { open } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import type { I2cDevice } from '../../../hal/sim/i2c-controller.ts'

const PATH = '/dev/i2c-userspace'
const FRAME_BYTES_MAX = 8192
const READ_FLAG = 1
/** `-ENXIO`: nobody acknowledged the address. */
const NOT_ACKNOWLEDGED = -6

/**
 * Puts parts onto the machine's two-wire bus (`i2c-userspace.c`), by address, until the returned function is called.
 * The map may change meanwhile.
 */
export async function serveI2c(devices: ReadonlyMap<number, I2cDevice>): Promise<() => Promise<void>> {
  const file = await open(PATH, 'r+')
  let isOpen = true
  const serve = async () => {
    const into = new Uint8Array(FRAME_BYTES_MAX)
    while (isOpen) {
      const { bytesRead } = await file.read(into, 0, into.length, null)
      if (bytesRead === 0) continue
      await file.write(answerOf(into.subarray(0, bytesRead), devices)).catch(() => setTimeout(1))
    }
  }
  const serving = serve()
  return async () => {
    isOpen = false
    await serving
    await file.close()
  }
}

function answerOf(question: Uint8Array, devices: ReadonlyMap<number, I2cDevice>): Uint8Array {
  const view = new DataView(question.buffer, question.byteOffset, question.length)
  const said: number[] = []
  let at = 2
  for (let message = 0; message < view.getUint16(0, true); message++) {
    const device = devices.get(view.getUint16(at, true))
    const isRead = (view.getUint16(at + 2, true) & READ_FLAG) !== 0
    const length = view.getUint16(at + 4, true)
    at += 6
    if (isRead) {
      const bytes = device?.read(length)
      if (bytes === undefined) return resultOf(NOT_ACKNOWLEDGED, [])
      // What a part does not drive low is high.
      for (let i = 0; i < length; i++) said.push(bytes[i] ?? 0xff)
      continue
    }
    const isTaken = device?.write(question.slice(at, at + length)) ?? false
    if (!isTaken) return resultOf(NOT_ACKNOWLEDGED, [])
    at += length
  }
  return resultOf(0, said)
}

function resultOf(result: number, bytes: readonly number[]): Uint8Array {
  const answer = new Uint8Array(4 + bytes.length)
  new DataView(answer.buffer).setInt32(0, result, true)
  answer.set(bytes, 4)
  return answer
}
