import { aborted } from '../src/base/aborted.ts'
import { silentLog } from '../src/base/log.ts'
import { EXIT, type ExitCode } from '../src/cli/exit-code.ts'
import { statusLines, statusText } from '../src/cli/kiosk/follow.ts'
import { servePage } from '../src/ui/serve-page.ts'
import { Espeak } from '../src/ui/speech/espeak.ts'
import { Speech } from '../src/ui/speech/speech.ts'
import type { Stage } from './demo.ts'

/** The demo with its page, until Ctrl-C: every status of every record is printed as it is reached. */
export async function serveDemo(stage: Stage & { port: number; brokerUrl: string }): Promise<ExitCode> {
  const { kiosk, receipts, options, signal, port, brokerUrl } = stage
  if (kiosk.operations === undefined) return EXIT.ourFault
  const page = await servePage({
    operations: kiosk.operations,
    port,
    speech: new Speech({ speaker: new Espeak(), log: silentLog }),
    log: silentLog,
  })
  process.stderr.write(
    [
      `Kiosk   ${page.url}   (a simulated citizen places the fingers that the page asks for)`,
      `Broker  ${brokerUrl}`,
      `State   ${options.data}`,
      'Ctrl-C ends.',
      '',
    ].join('\n'),
  )
  const printed = new Map<string, number>()
  const stop = kiosk.store.onRecord(record => {
    for (const line of statusLines(record, printed.get(record.id) ?? 0))
      process.stdout.write(`${options.json ? JSON.stringify(line) : statusText(line)}\n`)
    printed.set(record.id, record.history.length)
  })
  receipts.onReceipt = picture => process.stderr.write(`Receipt ${picture}\n`)
  await aborted(signal)
  stop()
  await page.close()
  return EXIT.ok
}
