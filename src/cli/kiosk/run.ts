import { z } from 'zod'
import { imageMachine } from '../../../firmware/update/machine.ts'
import type { Machine } from '../../../firmware/update/ports.ts'
import type { Board } from '../../../hal/board/board.ts'
import { aborted } from '../../base/aborted.ts'
import { systemClock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { openConfigFolder } from '../../config/folder.ts'
import { serviceManager } from '../../health/service-manager.ts'
import { isCertified } from '../../keys/claim/identity.ts'
import { keyFolder } from '../../keys/layout.ts'
import { askMachine, REBOOT_REQUEST } from '../../kiosk/machine-requests.ts'
import { type Kiosk, type KioskOptions, openKiosk } from '../../kiosk.ts'
import { defaultSettings, type Settings } from '../../settings/settings.ts'
import { servePage } from '../../ui/serve-page.ts'
import { Espeak } from '../../ui/speech/espeak.ts'
import { Speech } from '../../ui/speech/speech.ts'
import type { Command, Context } from '../command.ts'
import { errorLine } from '../error-line.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { boardOf, boardOption } from '../technician/board-option.ts'
import { firstBoot } from './first-boot.ts'
import { asLine, statusLines, statusText } from './follow.ts'
import { kioskOptions, readOwnSettings, stderrLog } from './kiosk-options.ts'
import { outOfOrder } from './out-of-order.ts'
import { serveCommands } from './serve-commands.ts'

const options = z.strictObject({
  ...kioskOptions,
  ...boardOption,
  site: z.string().min(1).optional().meta({
    doc: 'What a kiosk without a certificate claims one with. Default: site.json beside the file of --config.',
    value: 'FILE',
  }),
})

export const run: Command<typeof options> = {
  name: 'run',
  summary: 'Run the kiosk until Ctrl-C',
  options,
  async run(context, options) {
    const board = await boardOf(options.board)
    const log = stderrLog({ quiet: false })
    const machine = await imageMachine(() =>
      askMachine(REBOOT_REQUEST, new Date(systemClock.nowMs()).toISOString()),
    )
    let base: Settings | undefined
    try {
      // One that waits for a person to approve it need not be restarted.
      if (!(await isCertified(keyFolder(options.data, 'kiosk')))) await machine?.sayGood()
      await firstBoot(context, options, log)
      base = await readOwnSettings(options)
      const { data } = options
      const kept = await openConfigFolder(data, { log, at: new Date(systemClock.nowMs()).toISOString() })
      // Statuses that were printed, by record: a kiosk that a configuration restarts does not say them again.
      const printed = new Map<string, number>()
      const configurations = { kept, base }
      return await kept.live({
        base,
        clock: systemClock,
        live: settings => serve({ context, data, settings, configurations, machine, board, log, printed }),
        why: errorLine,
      })
    } catch (error) {
      if (machine === undefined) throw error
      const { ui, kiosk } = base ?? { ...defaultSettings, kiosk: { id: '–' } }
      return await outOfOrder(context, error, {
        kiosk: kiosk.id,
        port: ui.port,
        data: options.data,
        machine,
        log,
      })
    }
  },
}

interface Serving extends Pick<KioskOptions, 'data' | 'settings' | 'configurations'> {
  readonly context: Context
  readonly machine: Machine | undefined
  readonly board: Board
  readonly log: Log
  readonly printed: Map<string, number>
}

/** One life of the kiosk: until somebody or something ends it, or a configuration wants it to begin anew. */
async function serve({ context, printed, ...options }: Serving): Promise<ExitCode | 'restart'> {
  const { log, settings, data } = options
  const kiosk = await openKiosk({
    ...options,
    clock: systemClock,
    rebootRequest: REBOOT_REQUEST,
    ownEngineThread: true,
  })
  const ends: (() => unknown)[] = [() => kiosk.close()]
  try {
    const speech = new Speech({ speaker: new Espeak(), log })
    const { operations } = kiosk
    const page = operations && (await servePage({ operations, port: settings.ui.port, speech, log }))
    ends.push(() => page?.close())
    ends.push(await serveCommands(kiosk, data, context.signal))
    ends.push(printStatuses(kiosk, context, printed))
    const manager = serviceManager(process.env)
    ends.push(manager.watch(() => isWell(kiosk)))
    await manager.ready()
    context.print(
      `Kiosk ${kiosk.name} runs on ${page?.url}; ${kiosk.store.outbox.count} submissions wait. Ctrl-C ends.`,
    )
    await aborted(AbortSignal.any([context.signal, kiosk.mustStop, kiosk.mustRestart]))
  } finally {
    for (const end of ends.reverse()) await end()
  }
  if (kiosk.mustStop.aborted) return EXIT.configuration
  return context.signal.aborted ? EXIT.ok : 'restart'
}

/** The event loop turns, since it gets here, and the store answers. Parts that are down do not want a restart. */
async function isWell({ store }: Kiosk): Promise<boolean> {
  await store.capacity()
  return true
}

function printStatuses(kiosk: Kiosk, context: Context, printed: Map<string, number>): () => void {
  return kiosk.store.onRecord(record => {
    for (const line of statusLines(record, printed.get(record.id) ?? 0))
      context.print(asLine(line), statusText(line))
    printed.set(record.id, record.history.length)
  })
}
