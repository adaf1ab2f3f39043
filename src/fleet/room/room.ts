/**
 * Where a few people look after all kiosks: what the broker says of them, and what is in no topic (users, audit,
 * roll-outs, history, timelines), in a database of its own.
 */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { AuditChain } from '../../kv/audit-chain.ts'
import type { Kv } from '../../kv/kv.ts'
import type { Broker } from '../../mqtt/broker.ts'
import type { OpsSeal } from '../../seal/seal.ts'
import type { FleetView } from '../fleet-view.ts'
import { RollOutBook } from '../roll-outs/book.ts'
import { RollOutRunner } from '../roll-outs/runner.ts'
import { CommandDesk } from './command-desk.ts'
import { FleetIndex } from './fleet-index.ts'
import { History } from './history.ts'
import { keyOf, type RoomAuditEntry } from './layout.ts'
import { Sessions } from './sessions.ts'
import { Timeline } from './timeline.ts'
import { UserBook } from './users.ts'

export interface RoomParts {
  readonly kv: Kv
  readonly view: FleetView
  readonly broker: Broker
  readonly seal: OpsSeal
  readonly clock: Clock
  readonly log: Log
}

export interface Room extends RoomParts {
  readonly users: UserBook
  readonly sessions: Sessions
  readonly audit: AuditChain<RoomAuditEntry>
  readonly index: FleetIndex
  readonly history: History
  readonly timeline: Timeline
  readonly rollOuts: RollOutBook
  readonly commands: CommandDesk
  /** Lets writes end. The parts stay open. */
  close(): Promise<void>
}

/** Rejects with `kv/corrupt`, `kv/io`. */
export async function openRoom(parts: RoomParts): Promise<Room> {
  const { kv, view, clock, log } = parts
  const audit = await AuditChain.open<RoomAuditEntry>(kv, keyOf.audit)
  const users = await UserBook.open(kv, audit, clock)
  const sessions = await Sessions.open(kv, clock, log)
  const index = new FleetIndex(view, clock)
  const history = new History({ kv, clock, log, view })
  const rollOuts = await RollOutBook.open(kv, audit, clock)
  const runner = new RollOutRunner({ ...parts, book: rollOuts })
  const timeline = new Timeline({ kv, clock, log, index, view })
  const commands = new CommandDesk({ ...parts, audit, timeline })
  return {
    ...parts,
    users,
    sessions,
    audit,
    index,
    history,
    timeline,
    rollOuts,
    commands,
    async close() {
      index.close()
      await commands.stop()
      await Promise.all([history.stop(), timeline.stop(), runner.stop()])
    },
  }
}
