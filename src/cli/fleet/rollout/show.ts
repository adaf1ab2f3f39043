import { z } from 'zod'
import { userOptions } from '../open-room.ts'
import { showRollOut } from './follow.ts'
import { bookCommand, idArgument } from './open-book.ts'

const options = z.strictObject({
  ...userOptions,
  follow: z.boolean().default(false).meta({ doc: 'Say every change, until it has ended.' }),
})

export const fleetRolloutShow = bookCommand({
  name: 'fleet rollout show',
  summary: 'How a roll-out stands at every kiosk: 0 once all have kept it, 1 if not all have',
  options,
  args: [idArgument],
  work: (context, book, { follow }, [id], view) => showRollOut(context, book, id, { follow, view }),
})
