import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { systemClock as clock } from '../../base/clock.ts'
import { keyOf, type RoomAuditEntry } from '../../fleet/room/layout.ts'
import type { Room } from '../../fleet/room/room.ts'
import { UserBook } from '../../fleet/room/users.ts'
import { AuditChain } from '../../kv/audit-chain.ts'
import type { Kv } from '../../kv/kv.ts'
import { openLevelKv } from '../../kv/level.ts'
import type { Command, Context } from '../command.ts'
import type { ExitCode } from '../exit-code.ts'
import { fleetOptions } from './open-fleet.ts'

export const userOptions = { data: fleetOptions.data }

/** What `fleet serve` keeps. Rejects with `kv/locked` while another process has it. */
export async function openRoomKv(data: string): Promise<Kv> {
  const folder = join(data, 'fleet')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return openLevelKv(folder)
}

/**
 * Commands on something that `fleet serve` keeps: inside of it where it runs, else on the database itself. `view`: only
 * inside of it is it known who is there.
 */
export function roomCommands<Thing>({
  open,
  of,
}: {
  open(kv: Kv, audit: AuditChain<RoomAuditEntry>): Promise<Thing>
  of(room: Room): Thing
}) {
  return <Options extends z.ZodObject<typeof userOptions>>({
    work,
    ...command
  }: Omit<Command<Options>, 'run' | 'inFleet'> & {
    work(
      context: Context,
      thing: Thing,
      options: z.infer<Options>,
      args: readonly string[],
      view?: Room['view'],
    ): Promise<ExitCode>
  }): Command<Options> => ({
    ...command,
    async run(context, options, args) {
      const kv = await openRoomKv(options.data)
      try {
        const audit = await AuditChain.open<RoomAuditEntry>(kv, keyOf.audit)
        return await work(context, await open(kv, audit), options, args)
      } finally {
        await kv.close()
      }
    },
    inFleet: (context, room, options, args) => work(context, of(room), options, args, room.view),
  })
}

export const userCommand = roomCommands({
  open: (kv, audit) => UserBook.open(kv, audit, clock),
  of: ({ users }) => users,
})

/** The NAME of a user command. Throws `usage/bad-option`. */
export const userArgument = {
  name: 'NAME',
  doc: 'Of a user: 2 to 32 of a-z, 0-9, dot and dash, beginning with a letter.',
}
