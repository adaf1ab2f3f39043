import { statfs } from 'node:fs/promises'
import { openKeptUpdate, updateFolder } from '../../firmware/update/kept-update.ts'
import { blockDeviceBytes } from '../../firmware/update/machine.ts'
import type { Machine } from '../../firmware/update/ports.ts'
import { raucSlots } from '../../firmware/update/rauc.ts'
import { Updater } from '../../firmware/update/updater.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { ConfigurableKiosk } from '../config/runner.ts'
import type { VisitRunner } from '../enrolment/runner.ts'
import type { KioskKeys } from '../keys/key-store.ts'
import type { Broker } from '../mqtt/broker.ts'
import { kioskTopic } from '../mqtt/topics.ts'
import { openConfigSeal } from '../seal/config-seal.ts'
import type { Settings } from '../settings/settings.ts'

/** Where the image mounts a USB stick. */
const STICK = '/media/stick'

export interface UpdatesParts {
  readonly data: string
  readonly machine: Machine
  readonly keys: KioskKeys
  readonly broker: Broker
  readonly clock: Clock
  readonly log: Log
  readonly kiosk: Pick<ConfigurableKiosk, 'troubles' | 'isIdle'>
  readonly visit?: VisitRunner
  /** In force. */
  readonly settings: () => Settings
}

/** The kiosk takes new images from now on. Returns what ends that. */
export async function takeUpdates(parts: UpdatesParts): Promise<() => Promise<void>> {
  const { data, machine, keys, broker, clock, log, kiosk, visit, settings } = parts
  const folder = updateFolder(data)
  const { version, bootId } = machine
  const now = { at: new Date(clock.nowMs()).toISOString(), running: version, bootId }
  const stopping = new AbortController()
  const updater = new Updater({
    kept: await openKeptUpdate(folder, now),
    folder,
    slots: raucSlots({ bytesOf: blockDeviceBytes }),
    machine,
    channel: {
      subscribe: take => broker.subscribe(kioskTopic(keys.name, 'update/desired'), ({ body }) => take(body)),
      onConnection: listener => broker.onConnection(connection => connection && listener()),
      report(body) {
        if (broker.connection === undefined) return
        const topic = kioskTopic(keys.name, 'update/reported')
        // What does not get through is said again with the next connection.
        broker.publish({ topic, body, qos: 1, retain: true }, stopping.signal).catch(() => {})
      },
    },
    seal: openConfigSeal({ keys, clock }),
    clock,
    log,
    kiosk: {
      troubles: () => kiosk.troubles(),
      get isIdle() {
        return kiosk.isIdle
      },
      retire: () => visit?.close(),
    },
    settings: () => settings().update,
    timeZone: settings().kiosk.timeZone,
    authorities: [keys.root.toString()],
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(data)
      return bavail * bsize - settings().store.freeBytesMin
    },
    stick: STICK,
  })
  await updater.start()
  return () => {
    stopping.abort()
    return updater.stop()
  }
}
