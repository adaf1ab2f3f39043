import { stat } from 'node:fs/promises'
import encodeQR from 'qr'
import { z } from 'zod'
import { checkBoard } from '../../../hal/board/board.ts'
import { checkMachine } from '../../../hal/board/check-machine.ts'
import { type OpenBoard, openBoard } from '../../../hal/board/open-board.ts'
import manifest from '../../../package.json' with { type: 'json' }
import { systemClock } from '../../base/clock.ts'
import { KioskError } from '../../base/errors.ts'
import { type Check, canServe, fault, fine } from '../../health/check.ts'
import { examine } from '../../health/examine.ts'
import { openKioskKeys } from '../../keys/file-key-store.ts'
import type { KioskKeys } from '../../keys/key-store.ts'
import { keyFolder } from '../../keys/layout.ts'
import { openKioskStore, patientOf, storeFolder } from '../../kiosk.ts'
import { type Settings, settingsSchema } from '../../settings/settings.ts'
import type { Command, Context } from '../command.ts'
import { errorLine } from '../error-line.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { kioskOptions, readSettings, stderrLog } from '../kiosk/kiosk-options.ts'
import { boardOption, boardText } from './board-option.ts'

/** What a telephone reads from a screen; faults beyond it are on the screen alone. */
const QR_TEXT_MAX = 700
const GREEN = '\x1b[32m'
const RED = '\x1b[1;31m'
const PLAIN = '\x1b[0m'

const options = z.strictObject({
  ...kioskOptions,
  ...boardOption,
  noQr: z.boolean().default(false).meta({ doc: 'Leave out the code to photograph.' }),
})
type Options = z.infer<typeof options>

export const doctor: Command<typeof options> = {
  name: 'doctor',
  summary: 'Say what works and what to do about the rest: 0 if a citizen could be served now',
  options,
  async run(context, options) {
    return await tell(context, options, 'not running', examineHere(context, options))
  },
  async inKiosk(context, kiosk, options) {
    return await tell(context, options, `${kiosk.name} runs`, kiosk.examine(context.signal))
  },
}

async function tell(
  context: Context,
  { noQr }: Options,
  kiosk: string,
  findings: AsyncIterable<Check>,
): Promise<ExitCode> {
  const checks: Check[] = []
  const say = (found: Check) => {
    checks.push(found)
    const { check, ok, detail, remedy } = found
    context.print({ check, ok, detail, remedy }, checkText(found, context.isTerminal))
  }
  say(fine('runtime', `Tunggal ${manifest.version}, ${kiosk}`))
  context.progress('Looking at keys, store and parts …')
  for await (const found of findings) say(found)
  const faults = checks.filter(({ ok }) => !ok)
  const serves = canServe(checks)
  context.print(
    `\n${faults.length === 0 ? 'Nothing wrong' : `${faults.length} wrong`}: a citizen ${serves ? 'can' : 'CANNOT'} be served.`,
  )
  if (!noQr) context.print(`\n${encodeQR(summary(kiosk, checks), context.isTerminal ? 'term' : 'ascii')}`)
  return serves ? EXIT.ok : EXIT.no
}

/** `ok` or `FAULT`, in words, since colours are not seen by everybody. */
function checkText({ check, ok, detail, remedy }: Check, hasColours: boolean): string {
  const word = ok ? 'ok   ' : 'FAULT'
  const painted = hasColours ? `${ok ? GREEN : RED}${word}${PLAIN}` : word
  return `${painted}  ${check.padEnd(24)}  ${detail}${ok ? '' : `\n${' '.repeat(33)}→ ${remedy}`}`
}

/** For whoever is sent the photograph: version, when, and the faults. */
function summary(kiosk: string, checks: readonly Check[]): string {
  const faults = checks.filter(({ ok }) => !ok).map(({ check, detail }) => `${check}: ${detail}`)
  const at = new Date(systemClock.nowMs()).toISOString().slice(0, 16)
  const head = `Tunggal ${manifest.version} ${kiosk} ${at}Z ${checks.length - faults.length}/${checks.length} ok`
  const text = [head, ...faults].join('\n')
  return text.length <= QR_TEXT_MAX ? text : `${text.slice(0, QR_TEXT_MAX - 1)}…`
}

/** Of a kiosk that does not run: what cannot be opened is itself a finding. */
async function* examineHere(context: Context, options: Options): AsyncGenerator<Check> {
  const settings = yield* readOrFault(
    'settings',
    () => readSettings(options),
    'tunggal config check FILE; docs/CONFIG.md',
  )
  const board = yield* boardOrFault(options.board)
  const { data } = options
  const parts = { data, settings: settings ?? settingsSchema.parse({}), clock: systemClock }
  const keys = yield* readOrFault(
    'keys',
    () => openKioskKeys(keyFolder(data, 'kiosk')),
    'tunggal keys init or issue: docs/KEYS.md',
  )
  const store = keys && (yield* storeOrFault(parts, keys))
  let opened: OpenBoard | undefined
  try {
    opened = board && (await openBoard(board, { clock: systemClock }))
    const wiring = board && (await checkMachine(board))
    yield* examine({ ...patientOf(parts, keys), store, parts: opened?.parts, wiring }, context.signal)
  } finally {
    await opened?.close()
    await store?.close()
  }
}

async function* readOrFault<T>(
  check: string,
  read: () => Promise<T>,
  remedy: string,
): AsyncGenerator<Check, T | undefined> {
  try {
    const value = await read()
    yield fine(check, 'read', { vital: true })
    return value
  } catch (error) {
    if (!(error instanceof KioskError)) throw error
    yield fault(check, errorLine(error), remedy, { vital: true })
    return undefined
  }
}

async function* boardOrFault(nameOrFile: string) {
  const remedy = `tunggal board check ${nameOrFile} says all of it`
  const text = yield* readOrFault(
    'board file',
    () => boardText(nameOrFile),
    'name one with --board: tunggal board list',
  )
  if (text === undefined) return undefined
  const { board, problems } = checkBoard(text)
  if (board !== undefined && problems.length === 0) return board
  const [{ where, problem }] = problems
  yield fault('board', `${where}: ${problem}`, remedy, { vital: true })
  return undefined
}

async function* storeOrFault(
  parts: { readonly data: string; readonly settings: Settings; readonly clock: typeof systemClock },
  keys: KioskKeys,
) {
  const isThere = await stat(storeFolder(parts.data)).then(
    () => true,
    () => false,
  )
  if (!isThere) {
    yield fine('store', 'nothing kept yet', { vital: true })
    return undefined
  }
  try {
    return await openKioskStore({ ...parts, log: stderrLog({ quiet: true }) }, keys)
  } catch (error) {
    if (!(error instanceof KioskError)) throw error
    yield fault('store', errorLine(error), storeRemedies[error.code] ?? 'docs/RELIABILITY.md', {
      vital: true,
    })
    return undefined
  }
}

const storeRemedies: Readonly<Record<string, string>> = {
  'kv/locked': 'another command works on it, or a kiosk that hangs: wait, or systemctl restart tunggal',
  'kv/corrupt':
    'take everything whole with tunggal outbox export DIR --from DATA, then begin with a new card',
  'kv/io': 'the card is damaged: tunggal outbox export DIR --from DATA, then replace it',
  'store/other-user': 'call this command as that user',
  'store/wrong-key': 'this card belongs to another kiosk’s keys: tunggal outbox export DIR --from DATA',
}
