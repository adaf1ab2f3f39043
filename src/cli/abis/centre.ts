import type { z } from 'zod'
import { Adjudicator } from '../../abis/adjudicator.ts'
import { Counts } from '../../abis/counts.ts'
import { type Importer, Intake } from '../../abis/intake.ts'
import type { PrintSpool } from '../../abis/print-spool.ts'
import { Registry } from '../../abis/registry.ts'
import { systemClock } from '../../base/clock.ts'
import { openAbisKeys } from '../../keys/file-key-store.ts'
import { keyFolder } from '../../keys/layout.ts'
import type { Kv } from '../../kv/kv.ts'
import { sealedValues } from '../../kv/sealed.ts'
import type { AbisStatus } from '../../record/abis-status.ts'
import { openAbisSeal } from '../../seal/abis-seal.ts'
import { openDecisionSeal } from '../../seal/decision-seal.ts'
import type { Command, Context } from '../command.ts'
import type { ExitCode } from '../exit-code.ts'
import type { abisOptions } from './abis-options.ts'
import { openAbisKv, printSpool } from './open-abis.ts'

/** What a command on what the ABIS keeps gets to work with. */
export interface Centre {
  /** Its database as it is on the disk, values sealed. For reading. */
  readonly kv: Kv
  readonly dataKey: Uint8Array
  readonly spool: PrintSpool
  readonly importer: Importer
  /** The people's side. Rejects with `kv/…`. */
  adjudication(): Promise<Adjudicator>
}

/** The same where it is served. */
export interface ServedCentre extends Centre {
  status(): AbisStatus
}

type DataOptions = Pick<typeof abisOptions, 'data'>

/** A command on what the ABIS keeps: inside of it where it is served, since it alone may change that, else here. */
export function centreCommand<Options extends z.ZodObject<DataOptions>>({
  work,
  ...command
}: Omit<Command<Options>, 'run' | 'inAbis'> & {
  work(
    context: Context,
    centre: Centre,
    options: z.infer<Options>,
    args: readonly string[],
  ): Promise<ExitCode>
}): Command<Options> {
  return {
    ...command,
    run: (context, options, args) =>
      withCentre((options as { data: string }).data, centre => work(context, centre, options, args)),
    inAbis: work,
  }
}

/** Without serving it: what is new is searched when it is served next. */
async function withCentre<T>(data: string, use: (centre: Centre) => Promise<T>): Promise<T> {
  const clock = systemClock
  const keys = await openAbisKeys(keyFolder(data, 'abis'))
  const { dataKey } = keys
  const kv = await openAbisKv(data)
  try {
    const values = sealedValues(kv, dataKey)
    const counts = new Counts(clock)
    const registry = new Registry(values, clock, counts)
    await registry.readBack()
    const intake = new Intake(registry, openAbisSeal({ keys, clock }))
    const adjudication = async () => {
      for await (const record of registry.records()) registry.count(record)
      const seal = openDecisionSeal({ keys })
      const inOrder = intake.inOrder.bind(intake)
      return Adjudicator.open({ kv: values, registry, counts, seal, clock, inOrder })
    }
    return await use({ kv, dataKey, spool: printSpool(data), importer: intake, adjudication })
  } finally {
    await kv.close()
  }
}
