import type { Message } from './broker.ts'

const MULTIPLIER = 128

/** Bytes of the whole PUBLISH packet (MQTT 5.0, 3.3), which is what a broker's Maximum Packet Size counts. */
export function publishBytes({ topic, body, qos, properties = {} }: Message): number {
  let propertyBytes = 0
  // 3.3.2.3.7, User Property: identifier, then two strings with two bytes of length each.
  for (const [name, value] of Object.entries(properties))
    propertyBytes += 1 + 2 + Buffer.byteLength(name) + 2 + Buffer.byteLength(value)
  const packetIdentifierBytes = qos === 0 ? 0 : 2
  const remaining =
    2 +
    Buffer.byteLength(topic) +
    packetIdentifierBytes +
    variableBytes(propertyBytes) +
    propertyBytes +
    body.length
  return 1 + variableBytes(remaining) + remaining
}

/** Length of a Variable Byte Integer (1.5.5). */
function variableBytes(value: number): number {
  let bytes = 1
  for (let rest = Math.floor(value / MULTIPLIER); rest > 0; rest = Math.floor(rest / MULTIPLIER)) bytes++
  return bytes
}
