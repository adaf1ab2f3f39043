import type { Clock } from '../base/clock.ts'
import type { Broker, Message } from '../mqtt/broker.ts'
import { kioskTopic } from '../mqtt/topics.ts'

/** Who and where a kiosk is, as operations see it. */
export interface Presence {
  readonly version: string
  readonly site: string
  readonly province: string
  readonly groups: readonly string[]
  /** People took it out of service; absent: never. */
  isInMaintenance?(): boolean
}

/**
 * Birth and last will, retained on `…/state`; one that is there and out of service says `maintenance`. `offline` is the will to hand to `connectBroker`: its
 * `since` is then the start of the process, as nobody knows beforehand when it will be gone.
 */
export function stateMessage(
  kiosk: string,
  word: 'online' | 'offline',
  presence: Presence,
  nowMs: number,
): Message {
  const { version, site, province, groups } = presence
  const state = word === 'online' && presence.isInMaintenance?.() === true ? 'maintenance' : word
  const body = { state, since: new Date(nowMs).toISOString(), version, site, province, groups }
  return {
    topic: kioskTopic(kiosk, 'state'),
    body: Buffer.from(JSON.stringify(body)),
    qos: 1,
    retain: true,
  }
}

/** Says that the kiosk is there, or there and out of service: after every connection, and whenever that changes. */
export function tellPresence(parts: {
  readonly broker: Broker
  readonly clock: Clock
  readonly seal: { readonly kiosk: string }
  readonly presence: Presence
}): void {
  const { broker, clock, seal, presence } = parts
  if (broker.connection === undefined) return
  // Without it operations see what was before for a while: nothing waits for it.
  broker.publish(stateMessage(seal.kiosk, 'online', presence, clock.nowMs())).catch(() => {})
}
