import { z } from 'zod'
import { planSchema } from '../../../fleet/roll-outs/roll-out.ts'
import type { PartialSettings } from '../../../settings/overlay.ts'
import { readSettingsJson, SETTINGS_BYTES_MAX } from '../../../settings/settings.ts'
import { EXIT } from '../../exit-code.ts'
import { readInput } from '../../files.ts'
import { canaryOption, failuresMaxOption, toOption } from '../roll-out-options.ts'
import { bookCommand, bookOptions, printRollOut } from './open-book.ts'

const options = z.strictObject({
  ...bookOptions,
  to: toOption,
  canary: canaryOption('5%'),
  failuresMax: failuresMaxOption,
  pace: z.coerce.number().int().min(1).optional().meta({
    doc: 'Kiosks a minute after the first share. Left out: as fast as the broker takes them.',
    value: 'N',
  }),
  growth: z.coerce
    .number()
    .min(1)
    .max(10)
    .default(1)
    .meta({ doc: 'By how much the pace grows every minute.', value: 'FACTOR' }),
  wait: z.coerce
    .number()
    .min(1)
    .max(7 * 86_400)
    .default(1_800)
    .meta({ doc: 'How long one kiosk may take before it is given up.', value: 'SECONDS' }),
})

export const fleetRolloutStart = bookCommand({
  name: 'fleet rollout start',
  summary: 'Propose a configuration for many kiosks; it begins once another person approves it',
  options,
  args: [
    { name: 'FILE', doc: 'What is wanted (docs/CONFIG.md), as JSON; the rest stays as the kiosk has it.' },
  ],
  async work(context, book, { by, to, canary, failuresMax, pace, growth, wait }, [file]) {
    const bytes = await readInput(context.resolve(file), SETTINGS_BYTES_MAX)
    const plan = planSchema.parse({
      to,
      canaryPercent: Number.parseInt(canary, 10),
      failuresMax,
      perMinute: pace,
      growth,
      waitMs: Math.round(wait * 1000),
    })
    const rollOut = await book.propose(readSettingsJson(bytes) as PartialSettings, plan, by)
    await printRollOut(context, book, rollOut)
    context.print(`It begins once somebody else says: tunggal fleet rollout approve ${rollOut.id}`)
    return EXIT.ok
  },
})
