import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { systemClock as clock } from '../../base/clock.ts'
import { keyOf, type RoomAuditEntry } from '../../fleet/room/layout.ts'
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

/** A command on the users of the page: inside `fleet serve` where that runs, else on the database itself. */
export function userCommand<Options extends z.ZodObject<typeof userOptions>>({
  work,
  ...command
}: Omit<Command<Options>, 'run' | 'inFleet'> & {
  work(
    context: Context,
    users: UserBook,
    options: z.infer<Options>,
    args: readonly string[],
  ): Promise<ExitCode>
}): Command<Options> {
  return {
    ...command,
    async run(context, options, args) {
      const kv = await openRoomKv(options.data)
      try {
        const audit = await AuditChain.open<RoomAuditEntry>(kv, keyOf.audit)
        return await work(context, await UserBook.open(kv, audit, clock), options, args)
      } finally {
        await kv.close()
      }
    },
    inFleet: (context, { users }, options, args) => work(context, users, options, args),
  }
}

/** The NAME of a user command. Throws `usage/bad-option`. */
export const userArgument = {
  name: 'NAME',
  doc: 'Of a user: 2 to 32 of a-z, 0-9, dot and dash, beginning with a letter.',
}
