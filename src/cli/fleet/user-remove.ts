import { z } from 'zod'
import { EXIT } from '../exit-code.ts'
import { byOption } from './claim/open-desk.ts'
import { userArgument, userCommand, userOptions } from './open-room.ts'

export const fleetUserRemove = userCommand({
  name: 'fleet user remove',
  summary: 'Keep somebody out of the page of operations from now on, also where they are logged in',
  options: z.strictObject({ ...userOptions, ...byOption }),
  args: [userArgument],
  async work({ print }, users, { by }, [name]) {
    await users.remove({ name, by })
    print({ name, state: 'removed' }, `${name} may come in no more`)
    return EXIT.ok
  },
})
