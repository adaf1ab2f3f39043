import { z } from 'zod'
import { EXIT } from '../exit-code.ts'
import { userCommand, userOptions } from './open-room.ts'

export const fleetUserList = userCommand({
  name: 'fleet user list',
  summary: 'List who may come into the page of operations',
  options: z.strictObject(userOptions),
  async work({ print }, users) {
    for (const { name, role, addedAt } of users.list())
      print({ name, role, addedAt }, `${name}  ${role}  since ${addedAt.slice(0, 10)}`)
    return EXIT.ok
  },
})
