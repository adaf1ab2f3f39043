import mqtt from 'mqtt'

/** mqtt.js as it is, for comparison: `count` publishes at QoS 1, `window` of them under way. Seconds. */
export async function publishPlainly(
  url: string,
  options: { topic: string; body: Buffer; count: number; window: number },
): Promise<number> {
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, clientId: 'plain' })
  const { topic, body, count, window } = options
  const startedMs = performance.now()
  let next = 0
  const lane = async () => {
    while (next++ < count) await client.publishAsync(topic, body, { qos: 1 })
  }
  await Promise.all(Array.from({ length: window }, lane))
  const seconds = (performance.now() - startedMs) / 1000
  await client.endAsync()
  return seconds
}
