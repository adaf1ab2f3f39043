import { z } from 'zod'
import { BundleFile } from '../../../firmware/update/bundle-file.ts'
import { openKeptUpdate, updateFolder } from '../../../firmware/update/kept-update.ts'
import { imageMachine } from '../../../firmware/update/machine.ts'
import { reportOf } from '../../../firmware/update/report.ts'
import { systemClock } from '../../base/clock.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { kioskOptions } from '../kiosk/kiosk-options.ts'

const options = z.strictObject({ data: kioskOptions.data })

export const updateStatus: Command<typeof options> = {
  name: 'update status',
  summary: 'Say which image a kiosk runs, which one is under way, and what came of the last one',
  options,
  async run({ print, resolve }, { data }) {
    const folder = updateFolder(resolve(data))
    // Empty: this is not the kiosk, its card is in another machine.
    const running = (await imageMachine(async () => {}))?.version ?? ''
    const now = { at: new Date(systemClock.nowMs()).toISOString(), running, bootId: '' }
    const { held } = await openKeptUpdate(folder, now)
    const bytes = held.pending?.desired?.bytes ?? 0
    const percent = bytes === 0 ? 0 : Math.floor(((await new BundleFile(folder).bytes()) / bytes) * 100)
    const report = reportOf(held, { running, percent })
    const { version, state, errors, pending } = report
    const here = running === '' ? 'It does not run here' : `${running} runs`
    print({ ...report }, `${here}; version ${version} was ${state}`)
    for (const { code, text } of errors) print(`  ${text} [${code}]`)
    if (pending !== undefined) print(`version ${pending.version}, ${pending.image}: ${pending.step}`)
    return EXIT.ok
  },
}
