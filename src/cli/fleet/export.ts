import { createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { KioskError } from '../../base/errors.ts'
import { exportedLines } from '../../fleet/room/export.ts'
import { EXIT } from '../exit-code.ts'
import { roomCommands, userOptions } from './open-room.ts'

const roomKvCommand = roomCommands({ open: async kv => kv, of: ({ kv }) => kv })

export const fleetExport = roomKvCommand({
  name: 'fleet export',
  summary: 'Write all that operations keep to a file, one JSON object a line; no password, no session',
  options: z.strictObject(userOptions),
  args: [{ name: 'FILE', doc: 'Written anew, for the user of this machine alone to read.' }],
  async work({ print, resolve }, kv, _, [name]) {
    const file = resolve(name)
    let entries = 0
    const counted = async function* () {
      for await (const line of exportedLines(kv)) {
        entries++
        yield line
      }
    }
    await pipeline(Readable.from(counted()), createWriteStream(`${file}.part`, { mode: 0o600 })).catch(
      cause => {
        if (cause instanceof KioskError) throw cause
        throw new KioskError('io/unwritable', { file, code: cause.code }, { cause })
      },
    )
    await rename(`${file}.part`, file)
    print({ file, entries }, `${entries} entries in ${file}`)
    return EXIT.ok
  },
})
