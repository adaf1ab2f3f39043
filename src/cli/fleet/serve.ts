import { z } from 'zod'
import { aborted } from '../../base/aborted.ts'
import { systemClock as clock } from '../../base/clock.ts'
import { openRoom } from '../../fleet/room/room.ts'
import { serveRoom } from '../../fleet/serve/serve-room.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { stderrLog } from '../kiosk/kiosk-options.ts'
import { serveCommandsOf } from '../local/serve-local.ts'
import { adjudicationDesk, claimsDesk } from './desks.ts'
import { connectFleet, fleetOptions } from './open-fleet.ts'
import { openRoomKv } from './open-room.ts'

const options = z.strictObject({
  ...fleetOptions,
  port: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8090)
    .meta({ doc: 'Port of the page on 127.0.0.1; 0: any free one.', value: 'N' }),
  origin: z
    .string()
    .regex(/^https?:\/\/[a-z0-9.-]+(:[0-9]+)?$/)
    .optional()
    .meta({ doc: 'How browsers call the page, where a proxy with TLS stands before it.', value: 'URL' }),
  abis: z.string().min(1).optional().meta({
    doc: 'State folder of the ABIS, where it is served on this machine: approvers adjudicate on the page.',
    value: 'DIR',
  }),
})

export const fleetServe: Command<typeof options> = {
  name: 'fleet serve',
  summary:
    'The page of operations (http://127.0.0.1:8090), until Ctrl-C; other fleet commands then work through it',
  options,
  async run(context, { port, origin, abis, ...fleetOptions }) {
    const log = stderrLog({ quiet: false })
    const kv = await openRoomKv(fleetOptions.data)
    const closers: (() => Promise<unknown>)[] = [() => kv.close()]
    try {
      const fleet = await connectFleet(fleetOptions, log)
      closers.push(() => fleet.broker.close())
      const room = await openRoom({ ...fleet, kv, clock, log })
      closers.push(() => room.close())
      const desks = {
        claims: claimsDesk(fleetOptions.data, context),
        ...(abis && { adjudication: adjudicationDesk(context.resolve(abis), context) }),
      }
      const page = await serveRoom({ room, port, desks, ...(origin && { origin }) })
      closers.push(() => page.close())
      closers.push(
        await serveCommandsOf(fleetOptions.data, 'fleet', {
          service: room,
          methodOf: ({ inFleet }) => inFleet,
          signal: context.signal,
        }),
      )
      context.print({ url: page.url }, `The fleet is on ${page.url} Ctrl-C ends.`)
      if (room.users.list().length === 0)
        context.print('Nobody may come in yet: tunggal fleet user add NAME --role viewer|operator|approver')
      await aborted(context.signal)
    } finally {
      for (const close of closers.reverse()) await close()
    }
    return EXIT.ok
  },
}
