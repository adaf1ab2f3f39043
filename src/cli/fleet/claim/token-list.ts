import { z } from 'zod'
import { EXIT } from '../../exit-code.ts'
import { claimOptions, deskCommand } from './open-desk.ts'

const options = z.strictObject({
  ...claimOptions,
  all: z.boolean().default(false).meta({ doc: 'Those that can be used no more as well.' }),
})

export const fleetClaimTokenList = deskCommand({
  name: 'fleet claim token list',
  summary: 'Tokens that were given out and not used yet; a token itself is told only when it is made',
  options,
  async work({ print }, desk, { all }) {
    for await (const token of desk.tokens()) {
      const state = desk.tokenStateOf(token)
      if (!all && state !== 'open') continue
      const { id, kiosk, identity, createdAt, expiresAt, by, claim } = token
      print(
        { id, state, kiosk, site: identity.site, createdAt, expiresAt, by, claim },
        `${id}  ${state.padEnd(9)}  until ${expiresAt}  ${kiosk ?? '(any name)'}  ${identity.site ?? ''}`,
      )
    }
    return EXIT.ok
  },
})
