import { z } from 'zod'
import { KioskError } from '../../base/errors.ts'
import { problemsForMany } from '../../fleet/outcome.ts'
import { nextVersion, stagesOf } from '../../fleet/roll-out.ts'
import { configWish } from '../../fleet/wish.ts'
import type { PartialSettings } from '../../settings/overlay.ts'
import { readSettingsJson, SETTINGS_BYTES_MAX } from '../../settings/settings.ts'
import { readInput } from '../files.ts'
import { followPush } from './follow-push.ts'
import { fleetCommand, fleetOptions, kiosksNamed } from './open-fleet.ts'
import { canaryOption, failuresMaxOption, toOption } from './roll-out-options.ts'

const options = z.strictObject({
  ...fleetOptions,
  to: toOption,
  canary: canaryOption('100%'),
  failuresMax: failuresMaxOption,
  wait: z.coerce
    .number()
    .min(0)
    .max(7 * 86_400)
    .default(1_800)
    .meta({
      doc: 'How long a stage may take; after that who has said nothing counts as failed.',
      value: 'SECONDS',
    }),
})

export const fleetConfigPush = fleetCommand({
  name: 'fleet config push',
  summary: 'Send a configuration to kiosks, a few first: 0 once all of them have kept it, 1 if any has not',
  args: [
    { name: 'FILE', doc: 'What is wanted (docs/CONFIG.md), as JSON; the rest stays as the kiosk has it.' },
  ],
  options,
  async work(context, { view, ...parts }, { to, canary, failuresMax, wait }, [file]) {
    const settings = await readWanted(context.resolve(file))
    const kiosks = kiosksNamed(view, to)
    const wish = configWish({ version: nextVersion(kiosks), settings })
    const stages = stagesOf(kiosks, Number.parseInt(canary, 10))
    const waitMs = Math.round(wait * 1000)
    const errorsOf = (seen: (typeof kiosks)[number] | undefined) => seen?.reported?.errors ?? []
    return await followPush(context, { ...parts, view }, { wish, stages, failuresMax, waitMs, errorsOf })
  },
})

async function readWanted(file: string): Promise<PartialSettings> {
  const settings = readSettingsJson(await readInput(file, SETTINGS_BYTES_MAX)) as PartialSettings
  const [first, ...others] = problemsForMany(settings)
  if (first === undefined) return settings
  throw new KioskError('config/bad-value', { ...first, wrong: others.length + 1 })
}
