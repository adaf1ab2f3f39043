import { z } from 'zod'
import type { PartialSettings } from '../../../settings/overlay.ts'
import { readSettingsJson, SETTINGS_BYTES_MAX } from '../../../settings/settings.ts'
import { EXIT } from '../../exit-code.ts'
import { readInput } from '../../files.ts'
import { kiosksNamed } from '../open-fleet.ts'
import { planOf, planOptions } from '../roll-out-options.ts'
import { bookCommand, bookOptions, printRollOut } from './open-book.ts'

const options = z.strictObject({ ...bookOptions, ...planOptions(1_800) })

export const fleetRolloutStart = bookCommand({
  name: 'fleet rollout start',
  summary: 'Propose a configuration for many kiosks; it begins once another person approves it',
  options,
  args: [
    { name: 'FILE', doc: 'What is wanted (docs/CONFIG.md), as JSON; the rest stays as the kiosk has it.' },
  ],
  async work(context, book, { by, ...plan }, [file], view) {
    // Where it is known who is there, a name that means nobody is refused before two people agree on it.
    if (view !== undefined) kiosksNamed(view, plan.to)
    const bytes = await readInput(context.resolve(file), SETTINGS_BYTES_MAX)
    const settings = readSettingsJson(bytes) as PartialSettings
    const rollOut = await book.propose({ settings }, planOf(plan), by)
    await printRollOut(context, book, rollOut)
    context.print(`It begins once somebody else says: tunggal fleet rollout approve ${rollOut.id}`)
    return EXIT.ok
  },
})
