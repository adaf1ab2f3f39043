/**
 * A kiosk on an emulated arm64 board, for a developer: the machine boots, the real runtime runs in it on real buses,
 * and this machine plays the citizen's fingers, the printer's paper, the broker and the centre.
 */
import { createServer } from 'node:net'
import { parseArgs } from 'node:util'
import { exitAfterOutput } from '../src/cli/exit-after-output.ts'
import { EXIT, type ExitCode } from '../src/cli/exit-code.ts'
import { citizenOfNik, someNik } from './demo-citizen.ts'
import { EmulatedKiosk } from './emulated/emulated-kiosk.ts'
import { PAGE_PORT } from './emulated/kiosk-page.ts'
import { Machine } from './emulated/machine.ts'
import { enrolAtScreen, Visitor } from './emulated/visitor.ts'

const HELP = `scripts/emulated-board [--once] [--verbose]   |   scripts/emulated-board test

Builds (once) and boots an arm64 machine with Debian's kernel in QEMU, and runs a kiosk in it: fingerprint module on
/dev/ttyUSB0, receipt printer on /dev/usb/lp0, pins of a PL061, parts on /dev/i2c-0. Its page is on
http://127.0.0.1:${PAGE_PORT}; fingers are placed as the screen asks for them. Ctrl-C ends.

  --once      enrol one synthetic citizen without a browser, and end
  --verbose   show the kernel's console
  test        what scripts/test runs on the emulated board
`

async function main(): Promise<ExitCode> {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.ok
  }
  const say = (text: string) => process.stderr.write(`${text}\n`)
  say('Booting (the first time it builds the machine: about a minute)…')
  const onConsole = (text: string) => void (values.verbose && process.stderr.write(text))
  const machine = await Machine.boot({ onConsole })
  try {
    say('Starting the kiosk in it…')
    const kiosk = await EmulatedKiosk.start(machine, {
      onText: text => process.stdout.write(text),
      onReceipt: ({ text }) => process.stdout.write(`\n${text}\n`),
    })
    try {
      return values.once ? await once(machine, kiosk) : await serve(machine, kiosk, say)
    } finally {
      await kiosk.stop()
    }
  } finally {
    await machine.off()
  }
}

async function once(machine: Machine, kiosk: EmulatedKiosk): Promise<ExitCode> {
  const nik = someNik()
  const visitor = new Visitor(citizenOfNik(nik), kiosk.module, machine.pins)
  await enrolAtScreen(kiosk.page, visitor, nik)
  await kiosk.wrote(/PRINT_READY_RECORD/)
  return EXIT.ok
}

/** Until Ctrl-C. Whoever is at the page brings the fingers of one citizen. */
async function serve(machine: Machine, kiosk: EmulatedKiosk, say: (text: string) => void): Promise<ExitCode> {
  const visitor = new Visitor(citizenOfNik(someNik()), kiosk.module, machine.pins)
  const stop = await kiosk.page.onView(view => {
    visitor.follow(view).catch((error: Error) => say(error.message))
  })
  const server = createServer(browser => {
    browser.on('error', () => browser.destroy())
    machine.dial(`nc 127.0.0.1 ${PAGE_PORT}`).then(
      inside => {
        inside.on('error', () => browser.destroy())
        browser.pipe(inside).pipe(browser)
      },
      () => browser.destroy(),
    )
  }).listen(PAGE_PORT, '127.0.0.1')
  server.on('error', (error: Error) => say(`The page cannot be shown: ${error.message}`))
  say(`Open http://127.0.0.1:${PAGE_PORT} (NIK such as ${someNik()}). Ctrl-C ends.`)
  await new Promise<void>(resolve => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve())
  })
  stop()
  server.close()
  return EXIT.ok
}

await exitAfterOutput(
  await main().catch((error: Error) => {
    process.stderr.write(`scripts/emulated-board: ${error.message}\n`)
    return EXIT.unavailable
  }),
)
