import type { BoardPart, PartKind, Reading } from '../../hal/ports/part.ts'
import { type ErrorCode, KioskError } from '../base/errors.ts'
import { type Check, fault, fine } from './check.ts'

const TIMEOUT_MS = 5000
/** Without these a citizen cannot be served at the kiosk. */
const vitalKinds: ReadonlySet<PartKind> = new Set(['fingerprint-sensor'])

/** What this machine lacks for a part, found before it was opened, and what to do. */
export interface WiringProblem {
  readonly part: string
  readonly problem: string
  readonly remedy: string
}

/** One check a part, in their order. All are asked at once: they answer each in its own time. */
export async function partChecks(
  parts: readonly BoardPart[],
  wiring: readonly WiringProblem[],
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const checks = await Promise.all(
    parts.map(part =>
      partCheck(
        part,
        wiring.find(problem => problem.part === part.name),
        signal,
      ),
    ),
  )
  if (parts.some(part => vitalKinds.has(part.kind))) return checks
  return [
    fault('sensor', 'this board has no fingerprint sensor', 'name one in the board file: docs/HARDWARE.md', {
      vital: true,
    }),
    ...checks,
  ]
}

/** Asks a part how it is. One that a running kiosk holds, or a citizen uses now, is there. */
async function partCheck(
  part: BoardPart,
  wiring: WiringProblem | undefined,
  signal: AbortSignal,
): Promise<Check> {
  const check = `part ${part.name}`
  const vital = { vital: vitalKinds.has(part.kind) }
  try {
    const readings = await part.diagnose({ timeoutMs: TIMEOUT_MS, signal })
    const said = [part.driver, ...readings.map(readingText)].join(', ')
    const remedy = readings.find(reading => reading.remedy !== undefined)?.remedy ?? attention(part, readings)
    return remedy === undefined ? fine(check, said, vital) : fault(check, said, remedy)
  } catch (error) {
    if (!(error instanceof KioskError)) throw error
    const { code } = error
    if (code === 'hal/in-use' || code === 'hal/busy') return fine(check, 'in use now', vital)
    if (wiring !== undefined) return fault(check, wiring.problem, wiring.remedy, vital)
    const said = part.state.up ? error.message : part.state.detail
    return fault(check, said, remedies[code] ?? `docs/ERRORS.md says more of ${code}`, vital)
  }
}

/** What a whole part may have to say of the kiosk around it. */
function attention({ kind }: BoardPart, readings: readonly Reading[]): string | undefined {
  const isActive = readings.some(({ name, value }) => name === 'active' && value === true)
  return kind === 'tamper-switch' && isActive ? 'close the housing' : undefined
}

export function readingText({ name, value, unit }: Reading): string {
  return `${name} ${value}${unit === undefined ? '' : ` ${unit}`}`
}

const rewire = 'look at its plug and its power; tunggal board show says how it is wired'
const remedies: Partial<Record<ErrorCode, string>> = {
  'hal/no-answer': rewire,
  'hal/bad-answer': rewire,
  'hal/wrong-part': 'another part answers there: look at the wiring and at the board file',
  'hal/no-bus': 'tunggal board check says how to switch the bus on',
  'hal/no-permission': 'tunggal board check says which group is missing',
  'hal/not-installed': 'install it: docs/DEPENDENCIES.md',
  'hal/not-ready': 'wait a minute; then look at the log of the device service of the scanner, and restart it',
  'hal/not-registered': 'let its device service reach its management server, and register it there',
  'hal/untrusted':
    'compare its "trust" file and "env" in the board file with its provider’s, and the clock: docs/HARDWARE.md',
  'hal/tampered': 'take it out of service, and send it to its provider',
  'io/unreadable': 'a file that the board file names cannot be read: look at its path and at who may read it',
  'hal/paper-out': 'put a new roll in',
  'hal/cover-open': 'close the cover',
  'hal/part-fault': 'switch it off and on; if that does not help, replace it',
}
