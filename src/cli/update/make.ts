import { z } from 'zod'
import { systemClock } from '../../base/clock.ts'
import { keyFolder } from '../../keys/layout.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { readInput } from '../files.ts'
import { keyOptions } from '../keys/key-options.ts'

const DAY_MS = 86_400_000
/** Chains of many kiosks. */
const PEM_BYTES_MAX = 4 << 20

const options = z.strictObject({
  ...keyOptions,
  output: z.string().default('tunggal.raucb').meta({
    short: 'o',
    doc: 'Where the bundle goes.',
    value: 'FILE',
  }),
  encryptTo: z.string().optional().meta({
    doc: 'Certificates (PEM) of 1 to 300 kiosks: no other can read the bundle. See: fleet claim certificates.',
    value: 'FILE',
  }),
  days: z.coerce.number().int().min(1).max(3_650).default(180).meta({
    doc: 'After so many days no kiosk installs it any more.',
    value: 'N',
  }),
})

async function pemIn(file: string): Promise<string> {
  return Buffer.from(await readInput(file, PEM_BYTES_MAX)).toString()
}

export const updateMake: Command<typeof options> = {
  name: 'update make',
  summary: 'Make a signed bundle for RAUC from a disk image',
  args: [{ name: 'IMAGE', doc: 'As tunggal image build made it.' }],
  options,
  async run({ print, resolve }, { data, output, encryptTo, days }, [image]) {
    const { makeBundle } = await import('../../../firmware/update/make-bundle.ts')
    const report = await makeBundle({
      image: resolve(image),
      output: resolve(output),
      signer: keyFolder(data, 'updates'),
      expiresAt: new Date(systemClock.nowMs() + days * DAY_MS).toISOString(),
      recipients: encryptTo === undefined ? undefined : await pemIn(resolve(encryptTo)),
      say: text => process.stderr.write(`${text}\n`),
    })
    const mib = Math.round(report.bytes / (1 << 20))
    print(
      { ...report },
      `${report.bundle}: version ${report.version} for ${report.compatible}, ${mib} MiB, sha256 ${report.sha256}`,
    )
    return EXIT.ok
  },
}
