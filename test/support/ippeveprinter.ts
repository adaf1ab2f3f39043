/** Debian's `ippeveprinter` as a printer on this machine; what it prints falls into a folder. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

export interface RealPrinter {
  readonly url: string
  /** From now on a job is under way and nothing comes out. */
  hold(): void
  /** What is held comes out; resolves once it has. Of a job that was cancelled too: its program is not stopped. */
  release(): Promise<void>
  /**
   * What troubles or no longer troubles the job that is held: a keyword of RFC 8011, such as `media-empty`. It goes on
   * processing meanwhile, so that the printer adds `-warning`.
   */
  report(sign: '+' | '-', reason: string): void
  /** Every document that came out, oldest first. */
  printed(): readonly Buffer[]
}

/** It wants to announce itself, so it gets a message bus and an Avahi of its own, which stay on loopback. */
const BUS_CONFIGURATION = (
  socket: string,
) => `<busconfig><type>system</type><listen>unix:path=${socket}</listen>
<auth>EXTERNAL</auth><policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow eavesdrop="true"/></policy>
</busconfig>`
const AVAHI_CONFIGURATION = `[server]
allow-interfaces=lo
use-ipv6=no
[publish]
publish-addresses=no
`

/** The printer's command: gets the file as its argument, and says on its standard error how the printer is. */
const COMMAND = (folder: string) => `#!/bin/sh
cd '${folder}'
while [ -e held ] || [ -s reports ]; do
  if [ -s reports ]; then mv reports said && sed 's/^/STATE: /' said >&2; fi
  sleep 0.05
done
cp "$1" "out/$(date +%s%N)"
`

/** It ends with the test. Fails where Debian's packages are not installed (`scripts/test` installs them). */
export async function startIppEvePrinter(t: Test): Promise<RealPrinter> {
  const folder = t.testdir()
  for (const name of ['spool', 'out']) mkdirSync(join(folder, name))
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const command = file('command', COMMAND(folder))
  chmodSync(command, 0o755)
  const children: ChildProcess[] = []
  t.teardown(async () => {
    for (const child of children.reverse()) {
      const gone = once(child, 'exit')
      if (child.exitCode === null && child.kill('SIGKILL')) await gone
    }
  })
  const start = (program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const child = spawn(program, args, { stdio: 'ignore', env: { ...process.env, ...env } })
    children.push(child)
  }
  const env: NodeJS.ProcessEnv = {}
  if (!isAvahiRunning()) {
    const socket = join(folder, 'bus')
    const address = `unix:path=${socket}`
    start('dbus-daemon', [`--config-file=${file('bus.conf', BUS_CONFIGURATION(socket))}`, '--nofork'])
    await until(() => readdirSync(folder).includes('bus'))
    env.DBUS_SYSTEM_BUS_ADDRESS = address
    const configuration = file('avahi.conf', AVAHI_CONFIGURATION)
    const args = ['-f', configuration, '--no-drop-root', '--no-chroot', '--no-rlimits']
    start('/usr/sbin/avahi-daemon', args, env)
    await until(isAvahiRunning)
  }
  const port = await freePort()
  start(
    '/usr/sbin/ippeveprinter',
    ['-r', 'off', '-p', `${port}`, '-n', 'localhost', '-d', join(folder, 'spool'), '-c', command].concat([
      '-f',
      'application/pdf,image/pwg-raster',
      'Tunggal',
    ]),
    env,
  )
  const web = `http://localhost:${port}`
  await until(() =>
    fetch(`${web}/`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  // Letter and envelopes are in its trays at the start.
  const trays = { size1: 'iso_a4_210x297mm', type1: 'stationery', level1: '250' }
  const bypass = { size3: 'na_number-10_4.125x9.5in', type3: 'envelope', level3: '25' }
  await fetch(`${web}/media?${new URLSearchParams({ ...trays, ...bypass })}`)
  const printed = () =>
    readdirSync(join(folder, 'out'))
      .sort()
      .map(name => readFileSync(join(folder, 'out', name)))
  return {
    url: `ipp://localhost:${port}/ipp/print`,
    hold() {
      file('held', '')
    },
    async release() {
      const before = printed().length
      rmSync(join(folder, 'held'))
      await until(() => printed().length > before)
    },
    report(sign, reason) {
      file('reports', `${sign}${reason}\n`)
    },
    printed,
  }
}

function isAvahiRunning(): boolean {
  try {
    execFileSync('/usr/sbin/avahi-daemon', ['--check'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
