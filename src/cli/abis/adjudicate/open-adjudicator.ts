import type { z } from 'zod'
import type { Adjudicator } from '../../../abis/adjudicator.ts'
import type { Command, Context } from '../../command.ts'
import type { ExitCode } from '../../exit-code.ts'
import { abisOptions } from '../abis-options.ts'
import { centreCommand } from '../centre.ts'

const { data } = abisOptions
/** For every command on what people decide. */
export const adjudicateOptions = { data }

/** A command on what people decide. Beside an ABIS that is not served, the outcome goes out when it next is. */
export function adjudicateCommand<Options extends z.ZodObject<typeof adjudicateOptions>>({
  work,
  ...command
}: Omit<Command<Options>, 'run' | 'inAbis'> & {
  work(
    context: Context,
    adjudicator: Adjudicator,
    options: z.infer<Options>,
    args: readonly string[],
  ): Promise<ExitCode>
}): Command<Options> {
  return centreCommand<Options>({
    ...command,
    work: async (context, centre, options, args) => work(context, await centre.adjudication(), options, args),
  })
}
