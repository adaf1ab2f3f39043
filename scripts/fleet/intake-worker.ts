/**
 * One of several stateless intake workers of a centre that scales out: takes its share of the submissions from the
 * broker, verifies and decrypts them, and answers with a receipt and an outcome once the one writer (its parent)
 * holds them. It keeps nothing: whatever it has in hand when it is killed, a kiosk sends again.
 */
import { createHash, randomUUID } from 'node:crypto'
import { systemClock as clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import { silentLog as log } from '../../src/base/log.ts'
import { openAbisKeys } from '../../src/keys/file-key-store.ts'
import { connectBroker } from '../../src/mqtt/connect.ts'
import { anyKioskFilter, kioskTopic, parseKioskTopic } from '../../src/mqtt/topics.ts'
import { openAbisSeal } from '../../src/seal/abis-seal.ts'
import type { HeldWord, IntakeWord } from './intake-writer.ts'

const [url, keyFolder] = process.argv.slice(2)
const keys = await openAbisKeys(keyFolder)
const seal = openAbisSeal({ keys, clock })
const broker = connectBroker({
  url,
  clientId: `intake-${process.pid}`,
  tls: url.startsWith('mqtts:') ? keys.tls : undefined,
  sessionExpirySeconds: 0,
  backoff: { backoffMsMin: 100, backoffMsMax: 1_000 },
  clock,
  random: Math.random,
  log,
})
const held = new Map<string, (word: HeldWord) => void>()
process.on('message', (word: HeldWord) => {
  held.get(word.call)?.(word)
  held.delete(word.call)
})

/** Resolves once the writer's disk has it. */
function write(word: Omit<IntakeWord, 'call'>): Promise<HeldWord> {
  const call = randomUUID()
  return new Promise(resolve => {
    held.set(call, resolve)
    process.send?.({ ...word, call } satisfies IntakeWord)
  })
}

await broker.subscribe(`$share/intake/${anyKioskFilter('submission')}`, async ({ topic, body }) => {
  const kiosk = parseKioskTopic(topic)?.kiosk
  if (kiosk === undefined) return
  try {
    const { id, sequence } = await seal.openSubmission(kiosk, body)
    const { cpuSeconds } = cpu()
    await write({ id, kiosk, cpuSeconds })
    const at = new Date(clock.nowMs()).toISOString()
    const sha256 = createHash('sha256').update(body).digest('hex')
    const receipt = { id, sha256, receivedAt: at, highestContiguous: sequence }
    const outcome = { id, status: 'PRINT_READY_RECORD', at, seq: 1 } as const
    const answers = [
      ['receipt', await seal.sealReceipt(kiosk, receipt)],
      ['outcome', await seal.sealOutcome(kiosk, outcome)],
    ] as const
    for (const [name, { body }] of answers)
      await broker.publish({ topic: kioskTopic(kiosk, name), body, qos: 1 })
  } catch (error) {
    // Whoever has no receipt sends again.
    if (!(error instanceof KioskError)) throw error
  }
})

function cpu(): { cpuSeconds: number } {
  const { user, system } = process.cpuUsage()
  return { cpuSeconds: (user + system) / 1e6 }
}
process.on('disconnect', () => process.exit(0))
