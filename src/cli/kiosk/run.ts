import { z } from 'zod'
import { aborted } from '../../base/aborted.ts'
import { systemClock } from '../../base/clock.ts'
import { openKiosk } from '../../kiosk.ts'
import { servePage } from '../../ui/serve-page.ts'
import { Espeak } from '../../ui/speech/espeak.ts'
import { Speech } from '../../ui/speech/speech.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { boardOf, boardOption } from '../technician/board-option.ts'
import { asLine, statusLines, statusText } from './follow.ts'
import { kioskOptions, readSettings, stderrLog } from './kiosk-options.ts'
import { serveCommands } from './serve-commands.ts'

const options = z.strictObject({
  ...kioskOptions,
  ...boardOption,
})

export const run: Command<typeof options> = {
  name: 'run',
  summary: 'Run the kiosk until Ctrl-C',
  options,
  async run(context, options) {
    const settings = await readSettings(options)
    const board = await boardOf(options.board)
    const log = stderrLog({ quiet: false })
    const kiosk = await openKiosk({
      data: options.data,
      settings,
      clock: systemClock,
      log,
      board,
      ownEngineThread: true,
    })
    const speech = new Speech({ speaker: new Espeak(), log })
    const { operations } = kiosk
    const page = operations && (await servePage({ operations, port: settings.ui.port, speech, log }))
    const stopCommands = await serveCommands(kiosk, options.data, context.signal)
    const printed = new Map<string, number>()
    const stopRecords = kiosk.store.onRecord(record => {
      for (const line of statusLines(record, printed.get(record.id) ?? 0))
        context.print(asLine(line), statusText(line))
      printed.set(record.id, record.history.length)
    })
    context.print(
      `Kiosk ${kiosk.name} runs on ${page?.url}; ${kiosk.store.outbox.count} submissions wait. Ctrl-C ends.`,
    )
    await aborted(AbortSignal.any([context.signal, kiosk.mustStop]))
    stopRecords()
    await stopCommands()
    await page?.close()
    await kiosk.close()
    return kiosk.mustStop.aborted ? EXIT.configuration : EXIT.ok
  },
}
