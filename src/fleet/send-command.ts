/** Commands to kiosks, and their answers. */
import type { Clock } from '../base/clock.ts'
import type { Broker } from '../mqtt/broker.ts'
import { kioskTopic } from '../mqtt/topics.ts'
import type { OpsSeal } from '../seal/seal.ts'
import type { CommandAnswer, RemoteCommand, RemoteCommandName } from '../settings/remote-command.ts'
import type { FleetView } from './fleet-view.ts'

export interface CommandParts {
  readonly view: Pick<FleetView, 'onAnswer'>
  readonly broker: Broker
  readonly seal: OpsSeal
  readonly clock: Clock
}

/**
 * Sends one command to every kiosk and calls `onAnswer` as they answer; resolves once all have, or `waitMs` is over: then
 * it has expired as well. Returns who has not answered. Rejects with `broker/offline`, and as the signal does.
 */
export async function sendCommand(
  { view, broker, seal, clock }: CommandParts,
  { name, kiosks, waitMs }: { name: RemoteCommandName; kiosks: readonly string[]; waitMs: number },
  { signal, onAnswer }: { signal: AbortSignal; onAnswer(kiosk: string, answer: CommandAnswer): void },
): Promise<readonly string[]> {
  const nowMs = clock.nowMs()
  // The time of the clock, so that whoever sends the next one needs to know of none before; it grows.
  const command: RemoteCommand = {
    sequence: nowMs,
    expiresAt: new Date(nowMs + waitMs).toISOString(),
    name,
  }
  const open = new Set(kiosks)
  const done = new AbortController()
  const stop = view.onAnswer((kiosk, answer) => {
    if (answer.sequence !== command.sequence || !open.delete(kiosk)) return
    onAnswer(kiosk, answer)
    if (open.size === 0) done.abort()
  })
  try {
    for (const kiosk of kiosks) {
      const { body } = await seal.sealCommand(kiosk, command)
      await broker.publish({ topic: kioskTopic(kiosk, 'command'), body, qos: 1 }, signal)
    }
    if (open.size > 0) await clock.sleep(waitMs, AbortSignal.any([signal, done.signal])).catch(() => {})
  } finally {
    stop()
  }
  signal.throwIfAborted()
  return [...open]
}
