import { z } from 'zod'
import { EXIT } from '../../exit-code.ts'
import { byOption, claimOptions, deskCommand } from './open-desk.ts'

const options = z.strictObject({ ...claimOptions, ...byOption })

export const fleetClaimReject = deskCommand({
  name: 'fleet claim reject',
  summary: 'Refuse a kiosk its certificate; its token is of no use any more',
  options,
  args: [{ name: 'ID', doc: 'As tunggal fleet claim list has it.' }],
  async work({ print }, desk, { by }, [id]) {
    const { name, code } = await desk.reject(id, { by })
    print({ id, name, code, state: 'rejected', by }, `${name} is refused`)
    return EXIT.ok
  },
})
