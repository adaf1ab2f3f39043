import { z } from 'zod'
import { EXIT } from '../../exit-code.ts'
import { byOption, claimOptions, deskCommand } from './open-desk.ts'

export const fleetClaimTokenWithdraw = deskCommand({
  name: 'fleet claim token withdraw',
  summary: 'Take a token back that was not used yet: a card was lost on its way',
  options: z.strictObject({ ...claimOptions, ...byOption }),
  args: [{ name: 'ID', doc: 'As tunggal fleet claim token list has it.' }],
  async work({ print }, desk, { by }, [id]) {
    const { kiosk, withdrawnAt } = await desk.withdrawToken(id, { by })
    print({ id, kiosk, withdrawnAt, by }, `Token ${id} is of no use any more`)
    return EXIT.ok
  },
})
