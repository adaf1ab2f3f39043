import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { systemClock } from '../../base/clock.ts'
import { KioskError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { FleetView } from '../../fleet/fleet-view.ts'
import type { RoomAuditEntry } from '../../fleet/room/layout.ts'
import { isNamed, type SeenKiosk } from '../../fleet/seen-kiosk.ts'
import { openSigningKeys } from '../../keys/file-key-store.ts'
import { keyFolder } from '../../keys/layout.ts'
import type { AuditChain } from '../../kv/audit-chain.ts'
import type { Broker } from '../../mqtt/broker.ts'
import { connectBroker } from '../../mqtt/connect.ts'
import { openOpsSeal } from '../../seal/config-seal.ts'
import type { OpsSeal } from '../../seal/seal.ts'
import type { Command, Context } from '../command.ts'
import type { ExitCode } from '../exit-code.ts'
import { stderrLog } from '../kiosk/kiosk-options.ts'

const ARRIVAL_MS_MAX = 60_000
const BACKOFF = { backoffMsMin: 200, backoffMsMax: 5_000 }

/** For every command of central operations. */
export const fleetOptions = {
  data: z
    .string()
    .min(1)
    .default('/var/lib/tunggal-fleet')
    .meta({ doc: 'State folder of operations: their keys, and what fleet serve keeps.', value: 'DIR' }),
  broker: z
    .string()
    .regex(/^mqtts?:\/\/[^\s/@]+\/?$/, 'must be mqtt://HOST:PORT or mqtts://HOST:PORT')
    .default('mqtt://127.0.0.1:1883')
    .meta({ doc: 'The MQTT 5 broker.', value: 'URL' }),
}
/** Which kiosks a command is about. */
export const ofOption = z
  .array(z.string().regex(/^[a-z0-9-]{1,36}$/))
  .default(['all'])
  .meta({ doc: 'Group, or one kiosk, or all; may be given several times.', value: 'GROUP' })
type FleetOptions = { readonly data: string; readonly broker: string }

export interface OpenFleet {
  readonly view: FleetView
  readonly broker: Broker
  readonly seal: OpsSeal
  /** Where operations keep one: inside `fleet serve`. */
  readonly audit?: AuditChain<RoomAuditEntry>
}

/** Begins to listen; the broker may be away. Rejects with `keys/missing`. */
export async function connectFleet({ data, broker: url }: FleetOptions, log: Log): Promise<OpenFleet> {
  const keys = await openSigningKeys(keyFolder(data, 'ops'), 'ops')
  const clock = systemClock
  const broker = connectBroker({
    url,
    // Without certificates two of operations' people may work at the same time.
    clientId: `${keys.name}-${randomBytes(4).toString('hex')}`,
    tls: url.startsWith('mqtts:') ? keys.tls : undefined,
    sessionExpirySeconds: 0,
    backoff: BACKOFF,
    clock,
    random: Math.random,
    log,
  })
  const seal = openOpsSeal({ keys, clock })
  return { view: await FleetView.open({ broker, seal, clock, log }), broker, seal }
}

/** What the broker keeps of all kiosks, and the means to speak to them. Rejects with `keys/missing`, `broker/offline`. */
export async function withFleet<T>(
  context: Pick<Context, 'signal' | 'progress'>,
  options: FleetOptions,
  use: (fleet: OpenFleet) => Promise<T>,
): Promise<T> {
  const fleet = await connectFleet(options, stderrLog({ quiet: true }))
  try {
    context.progress('Listening to what the broker keeps …')
    await fleet.view.settled({ timeoutMs: ARRIVAL_MS_MAX, signal: context.signal })
    return await use(fleet)
  } finally {
    await fleet.broker.close()
  }
}

/** A command of central operations: inside `fleet serve` where that runs, else with a line to the broker of its own. */
export function fleetCommand<Options extends z.ZodObject<typeof fleetOptions>>({
  work,
  ...command
}: Omit<Command<Options>, 'run' | 'inFleet'> & {
  work(
    context: Context,
    fleet: OpenFleet,
    options: z.infer<Options>,
    args: readonly string[],
  ): Promise<ExitCode>
}): Command<Options> {
  return {
    ...command,
    run: (context, options, args) =>
      withFleet(context, options, fleet => work(context, fleet, options, args)),
    inFleet: work,
  }
}

/** The kiosks that a list of names means: of a kiosk, of a group, or `all`. Throws `usage/bad-option` for one that means none. */
export function kiosksNamed(view: FleetView, names: readonly string[]): readonly SeenKiosk[] {
  const all = [...view.kiosks.values()]
  const chosen = new Map<string, SeenKiosk>()
  for (const name of names) {
    const meant = all.filter(seen => isNamed(seen, [name]))
    if (meant.length === 0)
      throw new KioskError('usage/bad-option', { why: `the broker knows no kiosk and no group "${name}"` })
    for (const seen of meant) chosen.set(seen.kiosk, seen)
  }
  return [...chosen.values()].sort((a, b) => (a.kiosk < b.kiosk ? -1 : 1))
}
