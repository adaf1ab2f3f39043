/**
 * A simulated scanner behind MOSIP's device service, on a port of this machine: what a technician plugs a board into
 * where there is no certified scanner. Its keys are made anew at each start, and are worth nothing.
 */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { simulatedCitizen } from '../hal/sim/citizen.ts'
import { makeDeviceKeys, pemOf } from '../hal/sim/device-certificates.ts'
import { SbiService } from '../hal/sim/sbi-service.ts'
import { systemClock } from '../src/base/clock.ts'
import { errorLine } from '../src/cli/error-line.ts'
import { EXIT, type ExitCode, exitCodeOf } from '../src/cli/exit-code.ts'
import { badOption } from '../src/cli/options.ts'
import { serveSbi } from './sbi/serve-sbi.ts'

const HELP = `scripts/sbi-service [options]

A simulated scanner behind MOSIP's device service (SBI 1.0) on 127.0.0.1, until Ctrl-C. Writes a board file that names
it, and the certificates to trust, into the folder that it says.

  --port N       4501 to 4600; by default 4501
  --slap         a four-finger scanner
  --person N     whose fingers are placed, from 0; by default 1
  --nobody       nobody places a finger
  --fault WORD   from the start: silent, busy, not-ready, not-registered, tampered
  --data DIR     where the board file and the certificates go; by default a fresh temporary folder
`
const PORTS = { min: 4501, max: 4600 } as const
const faults: Readonly<Record<string, (service: SbiService) => void>> = {
  silent: service => (service.silent = true),
  busy: service => (service.status = 'Busy'),
  'not-ready': service => (service.status = 'Not Ready'),
  'not-registered': service => (service.status = 'Not Registered'),
  tampered: service => (service.captureError = 103),
}

interface Options {
  readonly port: number
  readonly slap: boolean
  readonly person?: number
  readonly fault?: (service: SbiService) => void
  readonly data: string
}

async function readOptions(): Promise<Options | 'help'> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: String(PORTS.min) },
      slap: { type: 'boolean', default: false },
      person: { type: 'string', default: '1' },
      nobody: { type: 'boolean', default: false },
      fault: { type: 'string' },
      data: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const [port, person] = [Number(values.port), Number(values.person)]
  if (!Number.isInteger(port) || port < PORTS.min || port > PORTS.max)
    throw badOption(`--port must be ${PORTS.min} to ${PORTS.max}`)
  if (!Number.isSafeInteger(person) || person < 0) throw badOption('--person must be a whole number from 0')
  const { fault } = values
  if (fault !== undefined && !Object.hasOwn(faults, fault))
    throw badOption(`--fault must be one of ${Object.keys(faults).join(', ')}`)
  const data =
    values.data === undefined ? await mkdtemp(join(tmpdir(), 'tunggal-sbi-')) : resolve(values.data)
  await mkdir(data, { recursive: true })
  return {
    port,
    slap: values.slap,
    person: values.nobody ? undefined : person,
    fault: fault === undefined ? undefined : faults[fault],
    data,
  }
}

/** A board of this scanner and simulated parts. */
export function boardOf(port: number, trust: string): object {
  return {
    id: 'sbi-trial',
    note: 'A simulated scanner behind a device service: for trying out, never for citizens.',
    parts: [
      {
        name: 'fingerprint',
        driver: 'sbi-fingerprint-sensor',
        on: { service: `sbi:${port}` },
        trust,
        env: 'Developer',
      },
      { name: 'receipt', driver: 'simulated-receipt-printer' },
    ],
  }
}

async function serve({ port, slap, person, fault, data }: Options): Promise<void> {
  const keys = await makeDeviceKeys(Date.now())
  const service = new SbiService({ clock: systemClock, keys, slap })
  service.citizen = person === undefined ? undefined : simulatedCitizen(person)
  fault?.(service)
  const [trust, board] = [join(data, 'trust.pem'), join(data, 'board.json')]
  await writeFile(trust, pemOf(keys.roots))
  await writeFile(board, `${JSON.stringify(boardOf(port, trust), null, 2)}\n`)
  const served = await serveSbi(service, port)
  console.log(`A simulated scanner answers on 127.0.0.1:${served.port}, until Ctrl-C. Try:

    tunggal part test fingerprint --board ${board}
    tunggal doctor --board ${board} --data DIR
`)
  await new Promise(resolve => process.once('SIGINT', resolve).once('SIGTERM', resolve))
  await served.close()
}

/** What `parseArgs` says of words that it does not know. */
function isUsage(error: unknown): boolean {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')
}

async function main(): Promise<ExitCode> {
  try {
    const options = await readOptions()
    if (options === 'help') console.log(HELP)
    else await serve(options)
    return EXIT.ok
  } catch (error) {
    console.error(errorLine(error))
    return isUsage(error) ? EXIT.usage : exitCodeOf(error)
  }
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main()
