import { createServer } from 'node:net'
import { KioskError } from '../../../src/base/errors.ts'

/**
 * Keeps a line for this process, until the returned function is called or the process ends, however it ends. Rejects
 * with `hal/in-use` where another process has it.
 *
 * sysfs itself keeps nobody out: a technician's command would take a pin from the running kiosk and leave it dead.
 * The lock is a socket in Linux's abstract namespace, named after the line: no file, no permission, and the kernel
 * takes it down with its process.
 */
export async function lockLine(line: string): Promise<() => Promise<void>> {
  const server = createServer(socket => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('error', cause => {
      const remedy = 'another Tunggal process, such as the kiosk, has it: stop that first'
      reject(new KioskError('hal/in-use', { line, remedy }, { cause }))
    })
    server.listen(`\0tunggal-gpio-${line}`, resolve)
  })
  server.unref()
  return () => new Promise(resolve => server.close(() => resolve()))
}
