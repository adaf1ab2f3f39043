import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { readLicence } from '../../abis/licence.ts'
import { aborted } from '../../base/aborted.ts'
import { systemClock } from '../../base/clock.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { readInput } from '../files.ts'
import { stderrLog } from '../kiosk/kiosk-options.ts'
import { serveCommandsOf } from '../local/serve-local.ts'
import { abisOptions } from './abis-options.ts'
import { openAbis } from './open-abis.ts'

const LICENCE_BYTES_MAX = 4_096

const options = z.strictObject({
  ...abisOptions,
  share: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,32}$/)
    .optional()
    .meta({ doc: 'Share submissions with other intake workers of this group.', value: 'GROUP' }),
  licence: z.string().min(1).optional().meta({
    doc: 'Behave as an ABIS that was bought: no faster than this licence, and not after its end (docs/FLEET.md).',
    value: 'FILE',
  }),
})

export const abisServe: Command<typeof options> = {
  name: 'abis serve',
  summary: 'Run the reference ABIS until Ctrl-C: receipts, searches, verdicts',
  options,
  async run(context, { data, broker, share, licence: file }) {
    const licence = file && readLicence(await readInput(context.resolve(file), LICENCE_BYTES_MAX))
    const log = stderrLog({ quiet: false })
    const { abis, centre, close } = await openAbis({
      data,
      url: broker,
      clock: systemClock,
      log,
      shareGroup: share,
      searchThreads: availableParallelism(),
      ...(licence && { licence }),
    })
    const stop = await serveCommandsOf(data, 'abis', {
      service: centre,
      methodOf: ({ inAbis }) => inAbis,
      signal: context.signal,
    })
    const { received, sfe } = abis.counts
    context.print(`ABIS on ${broker}: ${received} records here, ${sfe} wait for their search. Ctrl-C ends.`)
    for (const { what, whose, until } of abis.status.lapses) log.warn('abis/lapses', { what, whose, until })
    await aborted(context.signal)
    await stop()
    await close()
    return EXIT.ok
  },
}
