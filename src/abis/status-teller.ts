import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Broker } from '../mqtt/broker.ts'
import { abisStatusTopic } from '../mqtt/topics.ts'
import type { AbisStatus } from '../record/abis-status.ts'

/** Unchanged counts are told again after that: who reads them sees that they are of now. */
const HEARTBEAT_MS = 30_000
/** With ten thousand kiosks a status has a megabyte; every listener gets each of them. */
const BYTES_PER_SECOND_MAX = 64 * 1024

/** Publishes the ABIS's status, retained: soon after a change, less often the longer it is. */
export class StatusTeller {
  private told = ''
  private nextMs = Number.NEGATIVE_INFINITY
  private heartbeatMs = Number.NEGATIVE_INFINITY

  constructor(
    private readonly parts: { readonly broker: Broker; readonly clock: Clock; readonly log: Log },
    private readonly status: () => AbisStatus,
  ) {}

  /** Called every second or so. */
  async look(): Promise<void> {
    const { broker, clock, log } = this.parts
    const nowMs = clock.monotonicMs()
    if (broker.connection === undefined || nowMs < this.nextMs) return
    const status = this.status()
    const text = JSON.stringify(status)
    if (text === this.told && nowMs < this.heartbeatMs) return
    const at = new Date(clock.nowMs()).toISOString()
    const body = Buffer.from(JSON.stringify({ ...status, at }))
    this.nextMs = nowMs + (1000 * body.length) / BYTES_PER_SECOND_MAX
    try {
      await broker.publish({ topic: abisStatusTopic(status.abis), body, qos: 1, retain: true })
      this.told = text
      this.heartbeatMs = nowMs + HEARTBEAT_MS
    } catch (error) {
      log.warn('abis/status', { code: error instanceof KioskError ? error.code : 'bug' })
    }
  }
}
