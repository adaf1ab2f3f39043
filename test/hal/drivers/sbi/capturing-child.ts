/**
 * Takes a finger from a device service whenever a line comes on its standard input, wipes it as a visit does, and says
 * "done"; for sbi-memory.test.ts: PORT TRUST.
 */
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { SbiSensor } from '../../../../hal/drivers/sbi/sbi.ts'
import { readAnchors } from '../../../../hal/drivers/sbi/trust.ts'
import { tcpLoopback } from '../../../../hal/transport/loopback.ts'
import { systemClock } from '../../../../src/base/clock.ts'
import { clearFreedMemory } from '../../../../src/base/freed-memory.ts'

const [port, trust] = process.argv.slice(2)
const forget = clearFreedMemory()
const sensor = new SbiSensor({
  loopback: tcpLoopback,
  clock: systemClock,
  ports: { min: Number(port), max: Number(port) },
  anchors: () => readAnchors(trust),
  newTransactionId: randomUUID,
  env: 'Developer',
})
await sensor.open()
process.stdout.write('open\n')
for await (const line of createInterface({ input: process.stdin })) {
  const frame = await sensor.capture({ timeoutMs: 20_000, signal: new AbortController().signal })
  if (line === 'keep') process.stdout.write(`kept ${frame.pixels.length}\n`)
  else {
    frame.pixels.fill(0)
    await setTimeout(100)
    forget()
    process.stdout.write('done\n')
  }
}
