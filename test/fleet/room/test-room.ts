/** A room of operations over a broker in memory; kiosks and the ABIS say what the test says. */
import { join } from 'node:path'
import type { Test } from 'tap'
import { type Clock, systemClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { FleetView } from '../../../src/fleet/fleet-view.ts'
import { openRoom } from '../../../src/fleet/room/room.ts'
import { openSigningKeys } from '../../../src/keys/file-key-store.ts'
import type { Kv } from '../../../src/kv/kv.ts'
import { openMemoryKv } from '../../../src/kv/memory.ts'
import { MemoryBroker } from '../../../src/mqtt/memory-broker.ts'
import { abisStatusTopic, type KioskTopicName, kioskTopic } from '../../../src/mqtt/topics.ts'
import { openConfigSeal, openOpsSeal } from '../../../src/seal/config-seal.ts'
import {
  type CommandOutcome,
  type RemoteCommand,
  remoteCommandSchema,
} from '../../../src/settings/remote-command.ts'
import { demoKeys } from '../../support/demo-keys.ts'

export async function testRoom(
  t: Test,
  { clock = systemClock, kv = openMemoryKv() }: { clock?: Clock; kv?: Kv } = {},
) {
  const { keys, kioskKeys } = await demoKeys(t, clock)
  const seal = openOpsSeal({ keys: await openSigningKeys(join(keys, 'ops'), 'ops'), clock })
  const memory = new MemoryBroker({ clock, random: () => 0.5 })
  const broker = memory.connect(seal.ops)
  const world = memory.connect('the-world')
  const view = await FleetView.open({ broker, seal, clock, log: silentLog })
  const room = await openRoom({ kv, view, broker, seal, clock, log: silentLog })
  const close = async () => {
    await room.close()
    await Promise.all([broker.close(), world.close()])
  }
  const publish = (topic: string, words: unknown) =>
    world.publish({ topic, body: Buffer.from(JSON.stringify(words)), qos: 1, retain: true })
  return {
    room,
    kv,
    seal,
    close,
    say: (kiosk: string, name: KioskTopicName, words: unknown) => publish(kioskTopic(kiosk, name), words),
    /** A kiosk that hears commands, and answers as the test says. */
    async commanded(kiosk: string) {
      const commands: RemoteCommand[] = []
      const kioskSeal = openConfigSeal({ keys: { ...kioskKeys, name: kiosk }, clock })
      await world.subscribe(kioskTopic(kiosk, 'command'), async ({ body }) => {
        commands.push(await kioskSeal.openCommand<RemoteCommand>(body, remoteCommandSchema))
      })
      const answer = ({ sequence, name }: RemoteCommand, outcome: CommandOutcome) => {
        const words = { sequence, name, at: new Date(clock.nowMs()).toISOString(), ...outcome }
        const body = Buffer.from(JSON.stringify(words))
        return world.publish({ topic: kioskTopic(kiosk, 'command/answer'), body, qos: 1 })
      }
      return { commands, answer }
    },
    sayAbis: (abis: string, words: object) => publish(abisStatusTopic(abis), { abis, ...words }),
  }
}
