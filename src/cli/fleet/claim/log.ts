import { z } from 'zod'
import { EXIT } from '../../exit-code.ts'
import { claimOptions, deskCommand } from './open-desk.ts'

export const fleetClaimLog = deskCommand({
  name: 'fleet claim log',
  summary: 'Who gave out, asked, approved, refused and renewed what; 1 if the log was changed',
  options: z.strictObject(claimOptions),
  async work({ print }, desk) {
    let isWhole = true
    for await (const { number, entry, intact } of desk.auditLog()) {
      isWhole &&= intact
      const { at, who, what, kiosk, code, token, claim } = entry
      print(
        { number, at, who, what, kiosk, code, token, claim, intact },
        `${number}  ${at}  ${what.padEnd(15)} ${kiosk ?? token ?? ''}  by ${who}${intact ? '' : '  CHANGED'}`,
      )
    }
    return isWhole ? EXIT.ok : EXIT.no
  },
})
