import { z } from 'zod'
import { roles } from '../../fleet/room/roles.ts'
import { USER_NAME } from '../../fleet/room/users.ts'
import { EXIT } from '../exit-code.ts'
import { badOption } from '../options.ts'
import { byOption } from './claim/open-desk.ts'
import { userArgument, userCommand, userOptions } from './open-room.ts'

const options = z.strictObject({
  ...userOptions,
  ...byOption,
  role: z.enum(roles).meta({ doc: 'What they may do: look; also act; also approve what another has begun.' }),
})

export const fleetUserAdd = userCommand({
  name: 'fleet user add',
  summary:
    "Let somebody into the page of operations; prints their first password, which can't be shown again",
  options,
  args: [userArgument],
  async work({ print }, users, { role, by }, [name]) {
    if (!USER_NAME.test(name)) throw badOption(`NAME: ${userArgument.doc}`)
    const password = await users.add({ name, role, by })
    print({ name, role, password }, `${name} (${role}) comes in with ${password}`)
    return EXIT.ok
  },
})
