/**
 * Does what operations command, one after the other, and answers.
 *
 * Always true:
 * - What is not signed by operations for this kiosk is not done and not answered; it is counted in the log.
 * - A command is done once at most: its number is on the disk before it is begun, and no lower one is done after it.
 */
import { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Broker, Message } from '../mqtt/broker.ts'
import { kioskTopic } from '../mqtt/topics.ts'
import type { CommandSeal } from '../seal/seal.ts'
import {
  type CommandAnswer,
  type CommandOutcome,
  type RemoteCommand,
  type RemoteCommandName,
  remoteCommandSchema,
  shortened,
} from '../settings/remote-command.ts'
import type { Disk } from './disk.ts'

const FILE = 'last-command.json'
const BODY_BYTES_MAX = 16 * 1024
const COMMAND_MS_MAX = 5 * 60_000
const WAITING_MAX = 8

const lastSchema = z.strictObject({ sequence: z.int().min(0) })

export interface CommandRunnerParts {
  readonly broker: Broker
  readonly seal: CommandSeal
  readonly clock: Clock
  readonly log: Log
  readonly disk: Disk
  /** Rejects with a `KioskError` where it cannot be done. */
  perform(name: RemoteCommandName, signal: AbortSignal): Promise<CommandOutcome>
}

export class CommandRunner {
  private readonly stopping = new AbortController()
  private working: Promise<unknown> = Promise.resolve()
  private waiting = 0
  private last = 0

  constructor(private readonly parts: CommandRunnerParts) {}

  /** Rejects with `kv/io`. */
  async start(): Promise<void> {
    const { broker, seal, disk } = this.parts
    this.last = await readLast(disk)
    await broker.subscribe(kioskTopic(seal.kiosk, 'command'), message => this.take(message))
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await this.working
  }

  /** Taken from the broker at once: what takes minutes must not hold up other messages, and is not done twice. */
  private async take({ body }: Message): Promise<void> {
    const { seal, log } = this.parts
    try {
      if (body.length > BODY_BYTES_MAX) throw new KioskError('seal/too-large', { bytes: body.length })
      const command = await seal.openCommand(body, remoteCommandSchema)
      this.enqueue(command)
    } catch (error) {
      if (!(error instanceof KioskError) || !error.code.startsWith('seal/')) throw error
      log.warn('command-refused', { code: error.code })
    }
  }

  private enqueue(command: RemoteCommand): void {
    if (this.waiting >= WAITING_MAX) {
      void this.answer(command, { state: 'refused', code: 'hal/busy' })
      return
    }
    this.waiting++
    this.working = this.working
      .then(() => this.obey(command))
      .catch(error => this.parts.log.error('command', { message: String(error) }))
      .finally(() => this.waiting--)
  }

  private async obey(command: RemoteCommand): Promise<void> {
    const { clock, log } = this.parts
    const { name, sequence, expiresAt } = command
    if (this.stopping.signal.aborted) return
    const isStale = sequence <= this.last
    if (isStale || Date.parse(expiresAt) <= clock.nowMs()) {
      log.warn('command-refused', { name, sequence, code: isStale ? 'stale' : 'expired' })
      return await this.answer(command, { state: 'refused', code: isStale ? 'stale' : 'expired' })
    }
    await this.remember(sequence)
    log.info('command', { name, sequence })
    await this.answer(command, await this.performed(name))
  }

  private async performed(name: RemoteCommandName): Promise<CommandOutcome> {
    const { clock, perform } = this.parts
    const late = new AbortController()
    const signal = AbortSignal.any([this.stopping.signal, late.signal])
    const over = new AbortController()
    const deadline = clock.sleep(COMMAND_MS_MAX, over.signal).then(
      () => late.abort(new KioskError('hal/no-answer', { command: name })),
      () => {},
    )
    try {
      return shortened(await perform(name, signal))
    } catch (error) {
      if (error instanceof KioskError)
        return shortened({ state: 'failed', code: error.code, detail: error.message })
      if (this.stopping.signal.aborted) return { state: 'failed', code: 'stopped' }
      throw error
    } finally {
      over.abort()
      await deadline
    }
  }

  private async answer({ sequence, name }: RemoteCommand, outcome: CommandOutcome): Promise<void> {
    const { broker, seal, clock, log } = this.parts
    const at = new Date(clock.nowMs()).toISOString()
    const answer: CommandAnswer = { sequence, name, at, ...outcome }
    const body = Buffer.from(JSON.stringify(answer))
    // Who asked waits for so long and no longer: an answer that finds no broker is not kept.
    await broker
      .publish({ topic: kioskTopic(seal.kiosk, 'command/answer'), body, qos: 1 })
      .catch(error => log.warn('command-unanswered', { name, sequence, message: String(error) }))
  }

  private async remember(sequence: number): Promise<void> {
    const { disk } = this.parts
    const aside = `${FILE}.new`
    await disk.write(aside, Buffer.from(JSON.stringify({ sequence })))
    await disk.sync(aside)
    await disk.rename(aside, FILE)
    await disk.syncFolder()
    this.last = sequence
  }
}

/** A file that is damaged was written by a disk that lost it: what is signed and in time is done once more at the most. */
async function readLast(disk: Disk): Promise<number> {
  const bytes = await disk.read(FILE)
  try {
    return lastSchema.parse(JSON.parse(Buffer.from(bytes ?? '').toString())).sequence
  } catch {
    return 0
  }
}
