import { z } from 'zod'
import { systemClock as clock } from '../../base/clock.ts'
import { eraseKioskKeys, openKioskKeys } from '../../keys/file-key-store.ts'
import { keyFolder } from '../../keys/layout.ts'
import { openKioskStore } from '../../kiosk.ts'
import type { Command, Context } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { kioskOptions, readSettings, stderrLog } from '../kiosk/kiosk-options.ts'
import { badOption } from '../options.ts'

const options = z.strictObject(kioskOptions)

export const keysDecommission: Command<typeof options> = {
  name: 'keys decommission',
  summary: "Erase a kiosk's keys for good: records, templates and NIKs on its card are noise from then on",
  options,
  args: [{ name: 'NAME', doc: "The kiosk's name, so that it is not another one." }],
  async run(context, options, [name]) {
    const folder = keyFolder(options.data, 'kiosk')
    const keys = await openKioskKeys(folder)
    mustBeMeant(keys.name, name)
    const log = stderrLog({ quiet: true })
    const settings = await readSettings(options)
    // Opened, it is nobody else's, and says what waits.
    const store = await openKioskStore({ data: options.data, settings, clock, log }, keys)
    try {
      const waiting = store.outbox.count
      await eraseKioskKeys(folder)
      return say(context, name, waiting)
    } finally {
      await store.close()
    }
  },
  async inKiosk(context, kiosk, _, [name]) {
    mustBeMeant(kiosk.name, name)
    const waiting = kiosk.store.outbox.count
    await kiosk.decommission()
    return say(context, name, waiting)
  },
}

function mustBeMeant(name: string, said: string): void {
  if (name !== said) throw badOption(`this kiosk is ${name}, not ${said}`)
}

function say({ print }: Context, name: string, waiting: number): ExitCode {
  const rest =
    waiting === 0
      ? ''
      : `; ${waiting} submissions wait, sealed to the ABIS: bring them with tunggal outbox export --from`
  print({ name, erased: true, waiting }, `The keys of ${name} are erased${rest}`)
  return EXIT.ok
}
