import { z } from 'zod'
import { EXIT } from '../../exit-code.ts'
import { claimOptions, deskCommand } from './open-desk.ts'

const options = z.strictObject({
  ...claimOptions,
  all: z.boolean().default(false).meta({ doc: 'Those that were decided or have lapsed as well.' }),
})

export const fleetClaimList = deskCommand({
  name: 'fleet claim list',
  summary: 'Kiosks that ask for a certificate: compare the code with the screen of each before you approve',
  options,
  async work({ print }, desk, { all }) {
    for await (const claim of desk.claims()) {
      const state = desk.stateOf(claim)
      if (!all && state !== 'pending') continue
      const { id, name, code, from, requestedAt, identity, decision } = claim
      print(
        {
          id,
          name,
          code,
          state,
          site: identity.site,
          from,
          requestedAt,
          by: decision?.by,
          decidedAt: decision?.at,
        },
        `${id}  ${code}  ${name.padEnd(20)} ${state.padEnd(8)}  ${requestedAt}  ${identity.site ?? ''}`,
      )
    }
    return EXIT.ok
  },
})
