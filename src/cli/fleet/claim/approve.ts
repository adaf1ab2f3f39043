import { z } from 'zod'
import { EXIT } from '../../exit-code.ts'
import { byOption, claimOptions, deskCommand } from './open-desk.ts'

const options = z.strictObject({
  ...claimOptions,
  ...byOption,
  code: z
    .string()
    .max(32)
    .optional()
    .meta({ doc: "The code on the kiosk's screen: another one is refused.", value: 'CODE' }),
})

export const fleetClaimApprove = deskCommand({
  name: 'fleet claim approve',
  summary: "Certify a kiosk, once its code was compared with the kiosk's screen",
  options,
  args: [{ name: 'ID', doc: 'As tunggal fleet claim list has it.' }],
  async work({ print }, desk, { by, code }, [id]) {
    const claim = await desk.approve(id, { by, code })
    print(
      { id, name: claim.name, code: claim.code, state: 'approved', by },
      `${claim.name} is certified; its screen must show ${claim.code}`,
    )
    return EXIT.ok
  },
})
