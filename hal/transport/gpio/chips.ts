import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KioskError } from '../../../src/base/errors.ts'
import { type LineName, parseLineName } from '../../ports/gpio-line.ts'

/** A chip of pins, as `/sys/class/gpio/gpiochip<base>` shows it. */
export interface GpioChip {
  readonly label: string
  readonly base: number
  readonly lines: number
}

const CHIPS_MAX = 64
const NUMBER_MAX = 1_000_000

/** The chips that the kernel knows, by base. Rejects with `hal/no-bus` where it has no GPIO in sysfs. */
export async function listChips(sysfsPath: string): Promise<GpioChip[]> {
  let names: string[]
  try {
    names = (await readdir(sysfsPath)).filter(name => /^gpiochip\d+$/.test(name)).slice(0, CHIPS_MAX)
  } catch (cause) {
    const remedy = 'use a kernel with CONFIG_GPIO_SYSFS, on a board that has pins'
    throw new KioskError('hal/no-bus', { path: sysfsPath, remedy }, { cause })
  }
  const chips = await Promise.all(names.map(name => readChip(join(sysfsPath, name))))
  return chips.filter(chip => chip !== undefined).sort((a, b) => a.base - b.base)
}

/** A chip that goes away while it is read, or whose numbers are none, is no chip. */
async function readChip(path: string): Promise<GpioChip | undefined> {
  try {
    const [label, base, lines] = await Promise.all(
      ['label', 'base', 'ngpio'].map(async name => (await readFile(join(path, name), 'utf8')).trim()),
    )
    if (label === '' || !isNumber(base) || !isNumber(lines)) return undefined
    return { label, base: Number(base), lines: Number(lines) }
  } catch {
    return undefined
  }
}

function isNumber(text: string): boolean {
  return /^\d{1,7}$/.test(text) && Number(text) <= NUMBER_MAX
}

/** The number that sysfs gives a line now; bases move between kernels. Throws `hal/no-bus`, which names what there is. */
export function lineNumber(chips: readonly GpioChip[], { chip, offset }: LineName): number {
  const found = chips.filter(({ label }) => label === chip)
  if (found.length === 0) {
    const there = chips.map(({ label }) => label).join(', ') || 'none'
    throw new KioskError('hal/no-bus', { chip, there, remedy: 'name one of the chips that are there' })
  }
  if (found.length > 1)
    throw new KioskError('hal/no-bus', { chip, chips: found.length, remedy: 'several chips have this label' })
  const [{ base, lines }] = found
  if (offset >= lines)
    throw new KioskError('hal/no-bus', { chip, offset, remedy: `the chip has lines 0 to ${lines - 1}` })
  return base + offset
}

/** Where `line` is on this machine now, as a sysfs number. Rejects as `listChips` and `lineNumber`. */
export async function resolveLine(sysfsPath: string, line: string): Promise<number> {
  return lineNumber(await listChips(sysfsPath), parseLineName(line))
}
