import { createInterface } from 'node:readline/promises'
import { z } from 'zod'
import { hashSecret } from '../../base/secret-hash.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { badOption } from '../options.ts'

const PIN = /^[0-9]{6,12}$/

/** From standard input: everybody on the machine can read the arguments of a process. */
export const keysPin: Command = {
  name: 'keys pin',
  summary: 'Read a staff PIN of 6 to 12 digits from standard input; print what stands for it in the settings',
  options: z.strictObject({}),
  async run(context) {
    const lines = createInterface({ input: process.stdin })
    const { value } = await lines[Symbol.asyncIterator]().next()
    lines.close()
    const pin = String(value ?? '').trim()
    if (!PIN.test(pin)) throw badOption('a PIN is 6 to 12 digits on standard input')
    const hash = await hashSecret(pin)
    context.print({ pin: hash }, hash)
    return EXIT.ok
  },
}
