import { join } from 'node:path'
import t from 'tap'
import { parseLineName } from '../../../../hal/ports/gpio-line.ts'
import { listChips, resolveLine } from '../../../../hal/transport/gpio/chips.ts'
import { lineError, SysfsGpio } from '../../../../hal/transport/gpio/sysfs-gpio.ts'
import { Random } from '../../../../src/finger/synthetic/random.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const chip = (label: string, base: number, ngpio: number) => ({
  label: `${label}\n`,
  base: `${base}\n`,
  ngpio: `${ngpio}\n`,
})

/** `/sys/class/gpio` of a Raspberry Pi 4 with one more chip, as Linux 6.1 shows it. */
const tree = {
  export: '',
  unexport: '',
  gpiochip458: chip('pinctrl-bcm2711', 458, 54),
  gpiochip450: chip('raspberrypi-exp-gpio', 450, 8),
  gpiochip442: chip('usb:1-1.3:gpio', 442, 8),
}

t.test('a line is found by its chip’s label, wherever its numbers begin', async t => {
  const sysfs = t.testdir(tree)
  t.equal(await resolveLine(sysfs, 'pinctrl-bcm2711:17'), 475)
  t.equal(await resolveLine(sysfs, 'raspberrypi-exp-gpio:0'), 450)
  t.equal(await resolveLine(sysfs, 'usb:1-1.3:gpio:7'), 449, 'labels may hold colons')
  const moved = t.testdir({ ...tree, gpiochip458: {}, gpiochip512: chip('pinctrl-bcm2711', 512, 54) })
  t.equal(await resolveLine(moved, 'pinctrl-bcm2711:17'), 529)
})

t.test('what is not there is named, with what is', async t => {
  const sysfs = t.testdir(tree)
  await t.rejects(resolveLine(sysfs, 'gpiochip0:3'), {
    code: 'hal/no-bus',
    details: { there: 'usb:1-1.3:gpio, raspberrypi-exp-gpio, pinctrl-bcm2711' },
  })
  await t.rejects(resolveLine(sysfs, 'raspberrypi-exp-gpio:8'), {
    code: 'hal/no-bus',
    details: { remedy: 'the chip has lines 0 to 7' },
  })
  await t.rejects(resolveLine(join(sysfs, 'nowhere'), 'a:1'), {
    code: 'hal/no-bus',
    message: /CONFIG_GPIO_SYSFS/,
  })
  const twins = t.testdir({ gpiochip0: chip('twin', 0, 8), gpiochip8: chip('twin', 8, 8) })
  await t.rejects(resolveLine(twins, 'twin:1'), { code: 'hal/no-bus', message: /several chips/ })
  await t.rejects(resolveLine(t.testdir({}), 'a:1'), { code: 'hal/no-bus', details: { there: 'none' } })
})

t.test('chips with senseless numbers, or half gone, are no chips', async t => {
  const sysfs = t.testdir({
    gpiochip1: { label: 'half\n', base: '1\n' },
    gpiochip2: { label: 'odd\n', base: '-2\n', ngpio: '8\n' },
    gpiochip3: { label: '\n', base: '3\n', ngpio: '8\n' },
    gpiochip4: chip('good', 4, 8),
    gpio4: {},
  })
  t.same(await listChips(sysfs), [{ label: 'good', base: 4, lines: 8 }])
})

t.test('without onoff there is one clear line', async t => {
  const lines = new SysfsGpio({
    clock: new ManualClock(),
    sysfsPath: t.testdir(tree),
    load: () => Promise.reject(new Error('Cannot find package')),
  })
  await t.rejects(lines.input('pinctrl-bcm2711:17').open(), {
    code: 'hal/not-installed',
    message: /npm install onoff/,
  })
})

t.test('the kernel’s refusals say what to do', async t => {
  const refusal = (code: string) => lineError(Object.assign(new Error(code), { code }), 'chip:4')
  t.match(refusal('EBUSY'), { code: 'hal/in-use', message: /dtoverlay/ })
  t.match(refusal('EACCES'), { code: 'hal/no-permission', message: /group gpio/ })
  t.match(refusal('EINVAL'), { code: 'hal/no-bus', details: { errno: 'EINVAL' } })
})

/** Goal: no name of a line crashes the parser. Method: 100,000 random texts that love colons and digits. */
t.test('100,000 random names: a line or one error', async t => {
  const random = new Random(18)
  let lines = 0
  for (let i = 0; i < 100_000; i++) {
    const alphabet = 'a0::9\n\u00e9 '
    const text = Array.from({ length: random.below(12) }, () => alphabet[random.below(alphabet.length)]).join(
      '',
    )
    try {
      const { chip, offset } = parseLineName(text)
      if (`${chip}:${offset}`.length > text.length || offset > 1023 || /\s/.test(chip)) t.fail(text)
      lines++
    } catch (cause) {
      if ((cause as { code?: string }).code !== 'config/bad-value') t.fail(text, { cause })
    }
  }
  t.ok(lines > 1000 && lines < 90_000, `${lines} of them were lines`)
})
