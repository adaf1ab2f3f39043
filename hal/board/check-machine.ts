import { access, constants, stat } from 'node:fs/promises'
import { KioskError } from '../../src/base/errors.ts'
import { resolveLine } from '../transport/gpio/chips.ts'
import { type Board, wiresOf } from './board.ts'
import type { Wiring } from './wiring.ts'

/** Something that a board needs and this machine has not, or this user may not use. */
export interface MachineProblem {
  readonly part: string
  readonly problem: string
  readonly remedy: string
}

/** How a file of the system is for this user. */
export type Permission = 'ok' | 'missing' | 'forbidden'

export interface MachineFiles {
  permission(path: string): Promise<Permission>
  /** `/sys/class/gpio`, or what a test puts in its place. */
  readonly gpioPath: string
}

const thisMachine: MachineFiles = {
  gpioPath: '/sys/class/gpio',
  async permission(path) {
    try {
      await stat(path)
      await access(path, constants.R_OK | constants.W_OK)
      return 'ok'
    } catch (cause) {
      return (cause as NodeJS.ErrnoException).code === 'EACCES' ? 'forbidden' : 'missing'
    }
  },
}

/**
 * Which buses, ports and pins of a board are not there, or not for this user; one line each, with what to do. Opens
 * nothing, so it may run beside a kiosk. What is on the network is not asked.
 */
export async function checkMachine(
  board: Board,
  files: MachineFiles = thisMachine,
): Promise<readonly MachineProblem[]> {
  const problems: MachineProblem[] = []
  for (const part of board.parts) {
    for (const { wiring } of wiresOf(part)) {
      const found = await problemOf(wiring, files)
      if (found !== undefined) problems.push({ part: part.name, ...found })
    }
  }
  return problems
}

type Finding = Omit<MachineProblem, 'part'>

async function problemOf(wiring: Wiring, files: MachineFiles): Promise<Finding | undefined> {
  switch (wiring.bus) {
    case 'serial':
      return device(wiring.path, 'dialout', uartRemedy(wiring.path), files)
    case 'usb-printer':
      return device(wiring.path, 'lp', 'plug the printer in and switch it on; modprobe usblp', files)
    case 'i2c':
      return device(`/dev/i2c-${wiring.number}`, 'i2c', i2cRemedy(wiring.number), files)
    case 'gpio':
      return pin(wiring.line, files)
    default:
      return undefined
  }
}

async function device(
  path: string,
  group: string,
  remedy: string,
  { permission }: MachineFiles,
): Promise<Finding | undefined> {
  const found = await permission(path)
  if (found === 'ok') return undefined
  if (found === 'missing') return { problem: `${path} is not there`, remedy }
  return { problem: `this user may not use ${path}`, remedy: groupRemedy(group) }
}

async function pin(line: string, { gpioPath, permission }: MachineFiles): Promise<Finding | undefined> {
  try {
    await resolveLine(gpioPath, line)
  } catch (cause) {
    if (!(cause instanceof KioskError)) throw cause
    const { remedy, there } = cause.details
    const chips = there === undefined ? '' : ` (there are: ${there})`
    return { problem: `there is no line ${line}${chips}`, remedy: String(remedy) }
  }
  if ((await permission(`${gpioPath}/export`)) === 'ok') return undefined
  return { problem: 'this user may not use pins', remedy: groupRemedy('gpio') }
}

function groupRemedy(group: string): string {
  return `sudo usermod -aG ${group} USER, install firmware/udev/60-tunggal.rules, and log in again`
}

function uartRemedy(path: string): string {
  if (/tty(USB|ACM)\d+$/.test(path)) return 'plug it in, and look for it in dmesg'
  return 'in config.txt: enable_uart=1 and dtoverlay=disable-bt (Raspberry Pi 5: dtparam=uart0=on), then reboot'
}

function i2cRemedy(bus: number): string {
  const overlay = bus === 1 ? 'dtparam=i2c_arm=on' : `dtoverlay=i2c${bus}`
  return `in config.txt: ${overlay}; load i2c-dev (echo i2c-dev > /etc/modules-load.d/i2c.conf), then reboot`
}
