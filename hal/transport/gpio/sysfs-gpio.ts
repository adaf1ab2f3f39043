import { access, constants, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Gpio } from 'onoff'
import type { Clock } from '../../../src/base/clock.ts'
import { KioskError } from '../../../src/base/errors.ts'
import {
  type GpioInput,
  type GpioLineOptions,
  type GpioLines,
  type GpioOutput,
  parseLineName,
} from '../../ports/gpio-line.ts'
import { resolveLine } from './chips.ts'
import { lockLine } from './line-lock.ts'

/** udev gives a new line to the group `gpio` some milliseconds after it was exported. */
const PERMISSION_TIMEOUT_MS = 2000
const PERMISSION_POLL_MS = 10

export interface SysfsGpioOptions {
  readonly clock: Clock
  /** Elsewhere in tests of what does not need pins. `onoff` itself knows the usual place only. */
  readonly sysfsPath?: string
  /** Loads `onoff`, which is not there on machines without a compiler. */
  readonly load?: () => Promise<typeof import('onoff')>
}

/**
 * The pins of this machine, by `onoff` over the kernel's sysfs. Linux is leaving sysfs: whatever takes its place
 * becomes another `GpioLines`.
 *
 * A line that is exported already is taken over: that is what a process that was killed leaves behind. A line that
 * the kernel itself uses cannot be exported, and is `hal/in-use`; so is one that another process of ours has.
 *
 * An output that is closed stays exported, driven to its inactive level. A line that is given back falls to its pull
 * resistor or floats, which may be what its relay takes for on.
 */
export class SysfsGpio implements GpioLines {
  private readonly options: Required<SysfsGpioOptions>
  private readonly resting = new Map<string, RestingOutput>()

  constructor({ sysfsPath = '/sys/class/gpio', load = () => import('onoff'), clock }: SysfsGpioOptions) {
    this.options = { sysfsPath, load, clock }
  }

  input(line: string, options: GpioLineOptions = {}): GpioInput {
    return new SysfsInput(this.line(line, 'in', options))
  }

  output(line: string, options: GpioLineOptions = {}): GpioOutput {
    // sysfs takes the first level of an output as volts, whatever active-low says.
    return new SysfsOutput(this.line(line, options.activeLow ? 'high' : 'low', options))
  }

  private line(line: string, direction: 'in' | 'low' | 'high', { activeLow = false }: GpioLineOptions) {
    const { chip, offset } = parseLineName(line)
    const name = `${chip}:${offset}`
    return new SysfsLine({ ...this.options, line: name, direction, activeLow, resting: this.resting })
  }
}

/** An output that is closed. */
interface RestingOutput {
  readonly gpio: Gpio
  readonly direction: 'low' | 'high'
}

interface LineOptions extends Required<SysfsGpioOptions> {
  readonly line: string
  readonly direction: 'in' | 'low' | 'high'
  readonly activeLow: boolean
  /** By line. */
  readonly resting: Map<string, RestingOutput>
}

/** One line, exported and configured while it is open. */
class SysfsLine {
  private gpio: Gpio | undefined
  private unlock = async () => {}

  constructor(private readonly options: LineOptions) {}

  async open(): Promise<Gpio> {
    const { line } = this.options
    if (this.gpio !== undefined) return this.gpio
    const unlock = await lockLine(line)
    try {
      this.gpio = (await this.awaken()) ?? (await this.make())
    } catch (cause) {
      await unlock()
      throw lineError(cause, line)
    }
    this.unlock = unlock
    return this.gpio
  }

  /** The open line; rejects with `hal/no-answer` where the kernel no longer answers for it. */
  async ask<T>(question: (gpio: Gpio) => Promise<T>): Promise<T> {
    if (this.gpio === undefined) throw new KioskError('hal/not-open')
    try {
      return await question(this.gpio)
    } catch (cause) {
      throw new KioskError('hal/no-answer', { line: this.options.line }, { cause })
    }
  }

  async close(): Promise<void> {
    const { gpio } = this
    const { line, direction, resting } = this.options
    this.gpio = undefined
    if (gpio === undefined) return
    if (direction === 'in') giveBack(gpio)
    else resting.set(line, { gpio, direction })
    await this.unlock()
  }

  /** The line as it was left when it was closed, if it is still as it was and as it is wanted now. */
  private async awaken(): Promise<Gpio | undefined> {
    const { line, direction, resting } = this.options
    const left = resting.get(line)
    if (left === undefined) return undefined
    resting.delete(line)
    try {
      await left.gpio.write(0)
      if (left.direction === direction && left.gpio.direction() === 'out') return left.gpio
    } catch {
      // Another process has had it meanwhile, and gave it back.
    }
    giveBack(left.gpio)
    return undefined
  }

  private async make(): Promise<Gpio> {
    const { sysfsPath, line, load, direction, activeLow } = this.options
    const onoff = await load().catch((cause: unknown) => {
      throw new KioskError('hal/not-installed', { package: 'onoff', remedy: 'npm install onoff' }, { cause })
    })
    const number = await resolveLine(sysfsPath, line)
    const path = join(sysfsPath, `gpio${number}`)
    if (!(await exists(path))) await writeFile(join(sysfsPath, 'export'), String(number))
    await this.permitted(path)
    const hasEdge = direction === 'in' && (await exists(join(path, 'edge')))
    const gpio = new onoff.Gpio(number, direction, hasEdge ? 'both' : undefined, { activeLow })
    // `onoff` keeps quiet about what it could not set on a line that was exported before.
    const isDirection = (await readFile(join(path, 'direction'), 'utf8')).trim()
    if (isDirection === (direction === 'in' ? 'in' : 'out')) return gpio
    giveBack(gpio)
    throw new KioskError('hal/in-use', { line, direction: isDirection, remedy: 'see /sys/kernel/debug/gpio' })
  }

  private async permitted(path: string): Promise<void> {
    const { clock } = this.options
    const deadlineMs = clock.monotonicMs() + PERMISSION_TIMEOUT_MS
    const files = ['value', 'direction', 'active_low'].map(name => join(path, name))
    for (;;) {
      const wrong = await Promise.all(files.map(file => access(file, constants.R_OK | constants.W_OK)))
        .then(() => undefined)
        .catch((cause: unknown) => cause)
      if (wrong === undefined) return
      if (clock.monotonicMs() >= deadlineMs) throw wrong
      await clock.sleep(PERMISSION_POLL_MS)
    }
  }
}

function giveBack(gpio: Gpio): void {
  try {
    gpio.unexport()
  } catch {
    // The chip is gone, and the line with it.
  }
}

class SysfsInput implements GpioInput {
  private listener: (active: boolean) => void = () => {}

  constructor(private readonly line: SysfsLine) {}

  async open(): Promise<void> {
    const gpio = await this.line.open()
    let last = await this.read()
    gpio.unwatchAll()
    gpio.watch((error, value) => {
      // Some kernels wake the listener when it begins to listen, and once for two fast edges.
      if (error || (value === 1) === last) return
      last = value === 1
      this.listener(last)
    })
  }

  async read(): Promise<boolean> {
    return this.line.ask(async gpio => (await gpio.read()) === 1)
  }

  onEdge(listener: (active: boolean) => void): void {
    this.listener = listener
  }

  async close(): Promise<void> {
    await this.line.close()
  }
}

class SysfsOutput implements GpioOutput {
  constructor(private readonly line: SysfsLine) {}

  async open(): Promise<void> {
    await this.line.open()
  }

  async write(active: boolean): Promise<void> {
    await this.line.ask(gpio => gpio.write(active ? 1 : 0))
  }

  async close(): Promise<void> {
    await this.write(false).catch(() => {})
    await this.line.close()
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** What the kernel's refusals mean for a line, and what to do. */
export function lineError(cause: unknown, line: string): KioskError {
  if (cause instanceof KioskError) return cause
  const errno = (cause as NodeJS.ErrnoException | undefined)?.code ?? 'unknown'
  if (errno === 'EBUSY')
    return new KioskError(
      'hal/in-use',
      { line, remedy: 'the kernel uses it: see /sys/kernel/debug/gpio, and take its dtoverlay= out' },
      { cause },
    )
  if (errno === 'EACCES' || errno === 'EPERM')
    return new KioskError(
      'hal/no-permission',
      { line, remedy: 'put the user into the group gpio' },
      { cause },
    )
  return new KioskError('hal/no-bus', { line, errno, remedy: 'see dmesg' }, { cause })
}
