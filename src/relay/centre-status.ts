import type { Log } from '../base/log.ts'
import type { Broker } from '../mqtt/broker.ts'
import { abisStatusTopic } from '../mqtt/topics.ts'
import { type AbisStatus, abisStatusSchema } from '../record/abis-status.ts'

const BYTES_MAX = 4 * 1024 * 1024

/** What the ABIS last said of itself: retained, so a kiosk that comes back knows it at once. Unsigned: for words only. */
export class CentreStatus {
  /** Undefined until it has said something. */
  current: AbisStatus | undefined

  constructor(private readonly log: Log) {}

  async follow(broker: Broker, abis: string): Promise<void> {
    await broker.subscribe(abisStatusTopic(abis), async ({ body }) => this.take(body))
  }

  private take(body: Uint8Array): void {
    const parsed = body.length > BYTES_MAX ? undefined : abisStatusSchema.safeParse(jsonOf(body))
    if (parsed?.success) this.current = parsed.data
    else this.log.warn('centre-status-refused', { bytes: body.length })
  }
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString())
  } catch {
    return undefined
  }
}
