/**
 * An MQTT 5 broker, as relay, ABIS and fleet see it: bytes out with a PUBACK, bytes in with a handler.
 *
 * Contract (test/contract/broker.ts):
 * - Nothing is queued here. `publish` while there is no connection rejects with `broker/offline`;
 *   one under way when the link drops rejects likewise, and may or may not have arrived.
 * - A subscription outlives reconnects. An inbound QoS 1 message is acknowledged only once its
 *   handler has resolved; one whose handler rejects is not, and comes again after a reconnect.
 * - Reconnecting never ends, with full-jitter back-off, until `close`.
 */
export interface Broker {
  /** What the broker said in CONNACK; undefined while there is no connection. */
  readonly connection: Connection | undefined
  publish(message: Message, signal?: AbortSignal): Promise<PublishResult>
  /** `filter` may be `$share/<group>/<filter>`. Resolves once registered, connected or not. */
  subscribe(filter: string, handler: Handler): Promise<void>
  /** Called at every change, and at once with the present state. Returns how to stop. */
  onConnection(listener: (connection: Connection | undefined) => void): () => void
  close(): Promise<void>
}
export type Connection = { receiveMaximum: number; packetBytesMax: number; sinceMs: number }
export type Message = {
  topic: string
  body: Uint8Array
  qos: 0 | 1
  retain?: boolean
  /** MQTT 5 user properties, names to single values. */
  properties?: Readonly<Record<string, string>>
}
/** `subscribed` false: the broker said that nobody listens (reason code 0x10). */
export type PublishResult = { subscribed: boolean }
export type Handler = (message: Message) => Promise<void>
