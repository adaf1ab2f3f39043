import { z } from 'zod'
import { systemClock } from '../../base/clock.ts'
import { sendCommand } from '../../fleet/send-command.ts'
import { remoteCommandNames } from '../../settings/remote-command.ts'
import { EXIT } from '../exit-code.ts'
import { badOption } from '../options.ts'
import { byOption } from './claim/open-desk.ts'
import { fleetCommand, fleetOptions, kiosksNamed } from './open-fleet.ts'
import { toOption } from './roll-out-options.ts'

const options = z.strictObject({
  ...fleetOptions,
  ...byOption,
  to: toOption,
  wait: z.coerce.number().min(1).max(3_600).default(60).meta({
    doc: 'How long to wait for answers; a kiosk that gets it later does not do it.',
    value: 'SECONDS',
  }),
})

export const fleetCommandSend = fleetCommand({
  name: 'fleet command',
  summary: 'Have kiosks do something now, signed and answered: 0 once all have done it, 1 if any has not',
  options,
  args: [{ name: 'NAME', doc: `One of ${remoteCommandNames.join(', ')}.` }],
  async work({ print, signal }, { view, broker, seal, audit }, { to, by, wait }, [wanted]) {
    const name = remoteCommandNames.find(each => each === wanted)
    if (name === undefined) throw badOption(`NAME must be one of ${remoteCommandNames.join(', ')}`)
    const kiosks = kiosksNamed(view, to).map(({ kiosk }) => kiosk)
    const at = new Date(systemClock.nowMs()).toISOString()
    await audit?.write({ at, who: by, what: 'command', about: to.join(' '), command: name }, [])
    let failed = 0
    const silent = await sendCommand(
      { view, broker, seal, clock: systemClock },
      { name, kiosks, waitMs: Math.round(wait * 1000) },
      {
        signal,
        onAnswer(kiosk, { state, code, detail, text }) {
          if (state !== 'done') failed++
          const why = [code, detail].filter(word => word !== undefined).join(' ')
          print(
            { kiosk, name, state, code, detail, text },
            `${kiosk}  ${state} ${why}${text ? `\n${text}` : ''}`,
          )
        },
      },
    )
    for (const kiosk of silent) print({ kiosk, name, state: 'no-answer' }, `${kiosk}  no answer`)
    return failed + silent.length === 0 ? EXIT.ok : EXIT.no
  },
})
