import { mkdir } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { systemClock as clock } from '../../../base/clock.ts'
import { ClaimDesk } from '../../../fleet/claims/claim-desk.ts'
import { certifyKiosk } from '../../../keys/certify-kiosk.ts'
import { keyFolder } from '../../../keys/layout.ts'
import { openLevelKv } from '../../../kv/level.ts'
import type { Command, Context } from '../../command.ts'
import type { ExitCode } from '../../exit-code.ts'

/** For every command on claims. */
export const claimOptions = {
  data: z.string().min(1).default('/var/lib/tunggal-fleet').meta({
    doc: 'State folder of operations: the claims, and in keys the kiosk CA.',
    value: 'DIR',
  }),
}

/** For those that decide: who answers for it, in the audit log. */
export const byOption = {
  by: z
    .string()
    .min(1)
    .max(64)
    .default(() => userInfo().username)
    .meta({ doc: 'Who decides, for the audit log. Default: the user of this machine.', value: 'NAME' }),
}

/** The claim desk on a data folder. Rejects with `kv/locked` while another process has it. */
export async function withDesk<T>(data: string, use: (desk: ClaimDesk) => Promise<T>): Promise<T> {
  const folder = join(data, 'claims')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const kv = await openLevelKv(folder)
  try {
    const certify: Parameters<typeof ClaimDesk.open>[0]['certify'] = requested =>
      certifyKiosk(keyFolder(data, 'kiosk-ca'), requested, clock)
    return await use(await ClaimDesk.open({ kv, clock, certify }))
  } finally {
    await kv.close()
  }
}

/** A command on claims: inside `fleet claim serve` where that runs, since it alone may change them, else here. */
export function deskCommand<Options extends z.ZodObject<typeof claimOptions>>({
  work,
  ...command
}: Omit<Command<Options>, 'run' | 'inClaims'> & {
  work(
    context: Context,
    desk: ClaimDesk,
    options: z.infer<Options>,
    args: readonly string[],
  ): Promise<ExitCode>
}): Command<Options> {
  return {
    ...command,
    run: (context, options, args) => withDesk(options.data, desk => work(context, desk, options, args)),
    inClaims: work,
  }
}
