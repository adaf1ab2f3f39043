import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import type { PartEnd } from '../../../hal/sim/duplex.ts'

const PATH = '/dev/g_printer0'
const READ_BYTES_MAX = 4096
const LOOK_MS = 20

export interface PrinterEnd extends PartEnd {
  close(): Promise<void>
}

/**
 * The printer's end of the machine's USB printer. The gadget lets itself be opened once, and a read that waits keeps
 * every write out: so nothing here waits in the kernel.
 */
export async function openPrinterEnd(): Promise<PrinterEnd> {
  const file = await open(PATH, constants.O_RDWR | constants.O_NONBLOCK)
  let isOpen = true
  let listener: (bytes: Uint8Array) => void = () => {}
  let writing: Promise<unknown> = Promise.resolve()
  /** What the call moved; 0 where the kernel says "later". */
  const now = async (call: Promise<number>) => {
    const moved = await call.catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EAGAIN') throw cause
      return 0
    })
    if (moved === 0) await setTimeout(LOOK_MS)
    return moved
  }
  const read = async () => {
    const into = new Uint8Array(READ_BYTES_MAX)
    while (isOpen) {
      const bytes = await now(file.read(into, 0, into.length, null).then(({ bytesRead }) => bytesRead))
      if (bytes > 0) listener(into.slice(0, bytes))
    }
  }
  const write = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length && isOpen; )
      at += await now(file.write(bytes, at).then(({ bytesWritten }) => bytesWritten))
  }
  const reading = read()
  return {
    baudRate: 0,
    write(bytes) {
      const copy = bytes.slice()
      writing = writing.then(() => write(copy))
    },
    onBytes(next) {
      listener = next
    },
    async close() {
      isOpen = false
      await reading
      await writing
      await file.close()
    },
  }
}
