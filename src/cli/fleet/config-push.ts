import { z } from 'zod'
import { systemClock as clock } from '../../base/clock.ts'
import { KioskError } from '../../base/errors.ts'
import { problemsForMany } from '../../fleet/outcome.ts'
import { type KioskOutcome, type RollOutResult, rollOut, stagesOf } from '../../fleet/roll-out.ts'
import { nextVersion, wishOf } from '../../fleet/wish.ts'
import type { PartialSettings } from '../../settings/overlay.ts'
import { readSettingsJson, SETTINGS_BYTES_MAX } from '../../settings/settings.ts'
import type { Context } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { readInput } from '../files.ts'
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
  async work(context, parts, { to, canary, failuresMax, wait }, [file]) {
    const settings = await readWanted(context.resolve(file))
    const kiosks = kiosksNamed(parts.view, to)
    const version = nextVersion({ settings }, kiosks)
    const stages = stagesOf(kiosks, Number.parseInt(canary, 10))
    const sizes = stages.map(stage => stage.length).join(', then ')
    context.print(`Version ${version} to ${sizes} kiosks`)
    let decided = 0
    const plan = {
      wish: wishOf({ settings }, version),
      stages,
      failuresMax,
      waitMs: Math.round(wait * 1000),
    }
    const result = await rollOut({ ...parts, clock }, plan, {
      signal: context.signal,
      onOutcome: outcome => {
        printOutcome(context, version, outcome)
        context.progress(`${++decided} of ${kiosks.length} kiosks`)
      },
    })
    return summed(context, result)
  },
})

async function readWanted(file: string): Promise<PartialSettings> {
  const settings = readSettingsJson(await readInput(file, SETTINGS_BYTES_MAX)) as PartialSettings
  const [first, ...others] = problemsForMany(settings)
  if (first === undefined) return settings
  throw new KioskError('config/bad-value', { ...first, wrong: others.length + 1 })
}

function printOutcome({ print }: Context, version: number, { kiosk, outcome, seen }: KioskOutcome): void {
  const said = seen?.reported?.errors ?? []
  const errors = outcome === 'rejected' || outcome === 'rolled-back' ? said : []
  const reasons = errors.map(({ code, where, text }) => `\n    ${where || 'all of it'}: ${text} [${code}]`)
  print({ kiosk, version, outcome, errors }, `${kiosk}  ${outcome}${reasons.join('')}`)
}

function summed({ print }: Context, { outcomes, stopped, unsent }: RollOutResult): ExitCode {
  const kept = outcomes.filter(({ outcome }) => outcome === 'kept').length
  print(`${kept} of ${outcomes.length} kiosks kept it.`)
  if (stopped) print(`Stopped: ${unsent.length} kiosks were sent nothing.`)
  return kept === outcomes.length ? EXIT.ok : EXIT.no
}
