import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { systemClock } from '../../base/clock.ts'
import { KioskError } from '../../base/errors.ts'
import { silentLog } from '../../base/log.ts'
import { openAbisKeys } from '../../keys/file-key-store.ts'
import { keyFolder } from '../../keys/layout.ts'
import { connectBroker } from '../../mqtt/connect.ts'
import { abisStatusTopic } from '../../mqtt/topics.ts'
import { type AbisStatus, abisStatusSchema } from '../../record/abis-status.ts'
import type { Command, Context } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { lapseText } from '../lapse-text.ts'
import { abisOptions } from './abis-options.ts'

const WAIT_MS = 10_000

const options = z.strictObject(abisOptions)

export const abisStatus: Command<typeof options> = {
  name: 'abis status',
  summary: "The ABIS's counts by status, as it tells the broker, and what ends soon",
  options,
  run: async (context, { data, broker }) => printed(context, await readStatus(data, broker)),
  // With certificates the broker knows the ABIS by one name: a second connection would push the first one out.
  inAbis: async (context, { status }) => printed(context, status()),
}

function printed(context: Context, status: AbisStatus): ExitCode {
  const { received, sfe, prr, duplicate, adjudicate, failed, perSecond, lapses } = status
  context.print(
    { received, sfe, prr, duplicate, adjudicate, failed, perSecond },
    [
      `received    ${received}`,
      `to search   ${sfe}`,
      `print-ready ${prr}`,
      `duplicate   ${duplicate}`,
      `adjudicate  ${adjudicate}`,
      `failed      ${failed}`,
      `a second    ${perSecond}`,
      ...lapses.map(lapseText),
    ].join('\n'),
  )
  return EXIT.ok
}

/** The retained status. Rejects with `broker/offline` or `abis/unavailable` where there is none in time. */
async function readStatus(data: string, url: string): Promise<AbisStatus> {
  const { name, tls } = await openAbisKeys(keyFolder(data, 'abis'))
  const broker = connectBroker({
    url,
    clientId: `${name}-status-${randomBytes(4).toString('hex')}`,
    tls: url.startsWith('mqtts:') ? tls : undefined,
    sessionExpirySeconds: 0,
    backoff: { backoffMsMin: 200, backoffMsMax: 1_000 },
    clock: systemClock,
    random: Math.random,
    log: silentLog,
  })
  try {
    const status = new Promise<AbisStatus>((resolve, reject) => {
      broker
        .subscribe(abisStatusTopic(name), async ({ body }) => {
          const parsed = abisStatusSchema.safeParse(jsonOf(body))
          if (parsed.success) resolve(parsed.data)
        })
        .catch(reject)
    })
    const late = systemClock.sleep(WAIT_MS).then(() => {
      throw new KioskError(broker.connection === undefined ? 'broker/offline' : 'abis/unavailable', {
        abis: name,
      })
    })
    return await Promise.race([status, late])
  } finally {
    await broker.close()
  }
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString())
  } catch {
    return undefined
  }
}
