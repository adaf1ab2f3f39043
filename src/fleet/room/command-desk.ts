import type { Clock } from '../../base/clock.ts'
import { KioskError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { AuditChain } from '../../kv/audit-chain.ts'
import type { CommandAnswer, RemoteCommandName } from '../../settings/remote-command.ts'
import type { FleetView } from '../fleet-view.ts'
import { type CommandParts, sendCommand } from '../send-command.ts'
import type { RoomAuditEntry } from './layout.ts'
import type { Timeline } from './timeline.ts'

/** A kiosk that prints and one that waits for a finger answer within this; later it is not done any more. */
const WAIT_MS = 90_000
const OPEN_MAX = 100
/** Of one kiosk, newest first. */
const SHOWN_MAX = 10
/** Diagnostics are large: those of the kiosks asked last. */
const DIAGNOSTICS_MAX = 20

/** A command that somebody sent, and what came of it. */
export interface SentCommand {
  readonly at: string
  readonly by: string
  readonly name: RemoteCommandName
  readonly state: 'waiting' | 'no-answer' | CommandAnswer['state']
  readonly code?: string
  readonly detail?: string
  /** There is a file to fetch. */
  readonly hasText?: boolean
}

/**
 * Commands to single kiosks from the page. Who sent which is in the audit log before it is sent, and what came of it in
 * the kiosk's timeline; answers themselves are here until the page is closed.
 */
export class CommandDesk {
  private readonly sent = new Map<string, readonly SentCommand[]>()
  private readonly texts = new Map<string, string>()
  private readonly open = new Map<string, Promise<void>>()
  private readonly stopping = new AbortController()

  constructor(
    private readonly parts: Omit<CommandParts, 'view'> & {
      readonly view: Pick<FleetView, 'onAnswer' | 'kiosks'>
      readonly audit: AuditChain<RoomAuditEntry>
      readonly timeline: Pick<Timeline, 'add'>
      readonly clock: Clock
      readonly log: Log
    },
  ) {}

  /** Newest first. */
  of(kiosk: string): readonly SentCommand[] {
    return this.sent.get(kiosk) ?? []
  }

  /** What the kiosk told last when it was asked for diagnostics; no citizen, no secret. */
  diagnostics(kiosk: string): string | undefined {
    return this.texts.get(kiosk)
  }

  /**
   * Resolves once it is written down and on its way; the answer comes later. Rejects with `fleet/unknown-kiosk`,
   * `fleet/too-many` while the kiosk has not answered to the last, `broker/offline`, `kv/io`.
   */
  async send(kiosk: string, name: RemoteCommandName, by: string): Promise<void> {
    const { view, broker, audit, clock } = this.parts
    if (!view.kiosks.has(kiosk)) throw new KioskError('fleet/unknown-kiosk', { kiosk: kiosk.slice(0, 36) })
    if (this.open.has(kiosk) || this.open.size >= OPEN_MAX)
      throw new KioskError('fleet/too-many', { open: this.open.size, kiosk })
    if (broker.connection === undefined) throw new KioskError('broker/offline')
    const at = new Date(clock.nowMs()).toISOString()
    const command: SentCommand = { at, by, name, state: 'waiting' }
    const written = audit.write({ at, who: by, what: 'command', about: kiosk, command: name }, [])
    const work = written.then(() => this.follow(kiosk, command)).finally(() => this.open.delete(kiosk))
    this.open.set(
      kiosk,
      work.catch(() => {}),
    )
    this.sent.set(kiosk, [command, ...this.of(kiosk)].slice(0, SHOWN_MAX))
    await written
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await Promise.all(this.open.values())
  }

  private async follow(kiosk: string, command: SentCommand): Promise<void> {
    const { name } = command
    let outcome: Pick<SentCommand, 'state' | 'code' | 'detail' | 'hasText'> = { state: 'no-answer' }
    try {
      await sendCommand(
        this.parts,
        { name, kiosks: [kiosk], waitMs: WAIT_MS },
        {
          signal: this.stopping.signal,
          onAnswer: (_, { state, code, detail, text }) => {
            if (text !== undefined) this.keep(kiosk, text)
            outcome = { state, code, detail, hasText: text !== undefined }
          },
        },
      )
    } catch (error) {
      if (this.stopping.signal.aborted) return
      const code = error instanceof KioskError ? error.code : 'unexpected'
      outcome = { state: 'failed', code }
      this.parts.log.warn('command-not-sent', { kiosk, name, code })
    }
    this.sent.set(
      kiosk,
      this.of(kiosk).map(each => (each === command ? { ...command, ...outcome } : each)),
    )
    const words = [name, outcome.state, outcome.code].filter(word => word !== undefined)
    this.parts.timeline.add(kiosk, { what: 'command', text: words.join(' ') })
  }

  private keep(kiosk: string, text: string): void {
    this.texts.delete(kiosk)
    this.texts.set(kiosk, text)
    // A map remembers who came first.
    const [oldest] = this.texts.keys()
    if (this.texts.size > DIAGNOSTICS_MAX) this.texts.delete(oldest)
  }
}
