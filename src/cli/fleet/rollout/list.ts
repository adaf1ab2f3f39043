import { z } from 'zod'
import { EXIT } from '../../exit-code.ts'
import { userOptions } from '../open-room.ts'
import { bookCommand, printRollOut } from './open-book.ts'

export const fleetRolloutList = bookCommand({
  name: 'fleet rollout list',
  summary: 'List roll-outs, newest first, and how far they are',
  options: z.strictObject(userOptions),
  async work(context, book) {
    for (const rollOut of book.list()) await printRollOut(context, book, rollOut)
    return EXIT.ok
  },
})
