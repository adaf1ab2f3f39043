import { z } from 'zod'
import { differences } from '../../fleet/outcome.ts'
import type { SeenKiosk } from '../../fleet/seen-kiosk.ts'
import type { Context } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { fleetCommand, fleetOptions, kiosksNamed, ofOption } from './open-fleet.ts'

const options = z.strictObject({ ...fleetOptions, of: ofOption })

export const fleetConfigShow = fleetCommand({
  name: 'fleet config show',
  summary: 'Say which configuration is wanted of each kiosk and which it runs: 1 if any runs another',
  options,
  async work(context, { view }, { of }) {
    let others = 0
    for (const seen of view.kiosks.size === 0 ? [] : kiosksNamed(view, of)) if (!show(context, seen)) others++
    return others === 0 ? EXIT.ok : EXIT.no
  },
})

/** True: it runs what is wanted. */
function show({ print }: Context, seen: SeenKiosk): boolean {
  const { kiosk, desired, reported } = seen
  const differs = differences(seen)
  const line = {
    kiosk,
    desired: desired?.version ?? 0,
    running: reported?.running,
    confirmed: reported?.confirmed,
    reported: reported && { version: reported.version, state: reported.state, errors: reported.errors },
    refused: reported?.refused,
    differs,
  }
  const versions =
    reported === undefined
      ? `wanted ${line.desired}, never reported`
      : `wanted ${line.desired}, runs ${reported.running}${reported.confirmed ? '' : ' on trial'}`
  const errors = (reported?.errors ?? []).map(
    ({ code, where, text }) => `\n    ${reported?.state}: ${where || 'all of it'}: ${text} [${code}]`,
  )
  const refused = reported?.refused
    ? [`\n    refused ${reported.refused.count} messages [${reported.refused.code}]`]
    : []
  const changes = differs.map(
    ({ path, wanted, runs }) =>
      `\n    ${path}: wanted ${JSON.stringify(wanted)}, runs ${JSON.stringify(runs)}`,
  )
  print(line, `${kiosk}  ${versions}${[...errors, ...refused, ...changes].join('')}`)
  return reported !== undefined && reported.running === line.desired && differs.length === 0
}
