import { KioskError } from '../base/errors.ts'
import { CommandRunner, type CommandRunnerParts } from '../config/command-runner.ts'
import { folderDisk } from '../config/disk.ts'
import { configFolder } from '../config/folder.ts'
import type { SigningKeys } from '../keys/key-store.ts'
import { openConfigSeal } from '../seal/config-seal.ts'
import type { CommandOutcome, RemoteCommandName } from '../settings/remote-command.ts'
import type { Maintenance } from './maintenance.ts'
import { ServiceTasks, type TaskParts } from './service-tasks.ts'

/** What operations command is done. Returns what ends that. */
export async function takeCommands(
  options: Pick<CommandRunnerParts, 'broker' | 'clock' | 'log'> & {
    readonly keys: SigningKeys
    readonly data: string
    readonly parts: TaskParts | undefined
    readonly maintenance: Pick<Maintenance, 'turn'>
    restart(): void
  },
): Promise<() => Promise<void>> {
  const { keys, data, clock } = options
  const commands = new CommandRunner({
    ...options,
    seal: openConfigSeal({ keys, clock }),
    disk: folderDisk(configFolder(data)),
    perform: (name, signal) => performRemotely(name, options, signal),
  })
  await commands.start()
  return () => commands.stop()
}

/** What operations may have a kiosk do from afar. `parts` are absent at a kiosk without a board. */
async function performRemotely(
  name: RemoteCommandName,
  {
    parts,
    maintenance,
    restart,
  }: {
    readonly parts: TaskParts | undefined
    readonly maintenance: Pick<Maintenance, 'turn'>
    restart(): void
  },
  signal: AbortSignal,
): Promise<CommandOutcome> {
  if (name === 'restart') {
    restart()
    return { state: 'done' }
  }
  if (name === 'maintenance-on' || name === 'maintenance-off') {
    await maintenance.turn(name === 'maintenance-on')
    return { state: 'done' }
  }
  if (parts === undefined) throw new KioskError('hal/not-open', { part: 'board' })
  if (name === 'diagnostics') return { state: 'done', text: (await parts.diagnostics(signal)).text }
  const tasks = new ServiceTasks(parts)
  const [printer] = parts.board.partsOf('receipt-printer')
  if (name === 'test-print' && printer === undefined)
    throw new KioskError('hal/not-open', { part: 'receipt-printer' })
  const outcome = await tasks.perform(
    name === 'test-print' ? { name: 'print', part: printer.name } : { name: 'capture' },
    signal,
  )
  switch (outcome.kind) {
    case 'printed':
      return { state: 'done' }
    case 'captured':
      // The picture of a finger stays where the finger is.
      return {
        state: 'done',
        detail: `quality ${outcome.quality}, ${outcome.reason}, ${outcome.captureMs} ms`,
      }
    case 'visit':
      return { state: 'failed', code: 'hal/busy', detail: 'somebody is being enrolled' }
    case 'failed':
      return { state: 'failed', code: outcome.code, detail: outcome.detail }
    default:
      return { state: 'failed', code: 'hal/unsupported' }
  }
}
