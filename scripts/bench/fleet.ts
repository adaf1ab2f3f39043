import type { BenchContext } from '../bench.ts'
import { fleetKiosks } from './fleet-kiosks.ts'
import { fleetPage } from './fleet-page.ts'
import { fleetShare } from './fleet-share.ts'

const KIOSKS = 10_000
const KIOSKS_WITH_TLS = 500

const parts: Readonly<Record<string, (context: BenchContext) => Promise<void>>> = {
  kiosks: context => fleetKiosks(context, { kiosks: KIOSKS, ownKeys: 200, isTls: false }),
  tls: context => fleetKiosks(context, { kiosks: KIOSKS_WITH_TLS, ownKeys: KIOSKS_WITH_TLS, isTls: true }),
  share: fleetShare,
  page: fleetPage,
}

/** A fleet as large as a nation's on one Mosquitto of this machine; `--sets` names some of the parts. */
export async function fleet(context: BenchContext): Promise<void> {
  for (const [name, part] of Object.entries(parts))
    if (context.sets === undefined || context.sets.includes(name)) await part(context)
}
