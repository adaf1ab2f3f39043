import type { Message } from '../mqtt/broker.ts'
import { kioskTopic } from '../mqtt/topics.ts'

/** Who and where a kiosk is, as operations see it. */
export interface Presence {
  readonly version: string
  readonly site: string
  readonly province: string
  readonly groups: readonly string[]
}

/**
 * Birth and last will, retained on `…/state`. `offline` is the will to hand to `connectBroker`: its
 * `since` is then the start of the process, as nobody knows beforehand when it will be gone.
 */
export function stateMessage(
  kiosk: string,
  state: 'online' | 'offline' | 'maintenance',
  presence: Presence,
  nowMs: number,
): Message {
  const { version, site, province, groups } = presence
  const body = { state, since: new Date(nowMs).toISOString(), version, site, province, groups }
  return {
    topic: kioskTopic(kiosk, 'state'),
    body: Buffer.from(JSON.stringify(body)),
    qos: 1,
    retain: true,
  }
}
