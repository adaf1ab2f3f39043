/** Goal: whoever breaks into the runtime, or into what shows its page, gets little of the kiosk (systemd's own judgement). */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { variants } from '../../firmware/image/variants.ts'
import { FREED_MEMORY_ENVIRONMENT } from '../../src/base/freed-memory.ts'
import { defaultSettings } from '../../src/settings/settings.ts'

const firmware = join(import.meta.dirname, '../../firmware')
const units = join(firmware, 'units')
const image = join(firmware, 'image/files-screen')
const EXPOSURE_MAX = {
  'tunggal.service': 2.0,
  'tunggal-seat.service': 2.0,
  'tunggal-screen.service': 4.5,
} as const

for (const [unit, exposureMax] of Object.entries(EXPOSURE_MAX)) {
  t.test(`${unit} is exposed at most ${exposureMax}`, async t => {
    const path = join(units, unit)
    const exposure = exposureOf(path)
    t.ok(exposure <= exposureMax, `${exposure}`)
    t.match(readFileSync(path, 'utf8'), /^LimitCORE=0$/m)
  })
}

t.test('nothing keeps V8 from compiling, nor pins from being exported', async t => {
  const runtime = readFileSync(join(units, 'tunggal.service'), 'utf8')
  t.notMatch(runtime, /^(MemoryDenyWriteExecute|ProtectKernelTunables)=/m)
  t.notMatch(readFileSync(join(units, 'tunggal-screen.service'), 'utf8'), /^MemoryDenyWriteExecute=/m)
})

t.test('the browser has its own sandbox within ours, and goes nowhere but to its page', async t => {
  const unit = readFileSync(join(units, 'tunggal-screen.service'), 'utf8')
  const browser = readFileSync(join(image, 'usr/share/tunggal/screen-browser'), 'utf8')
  const environments = Object.values(variants).flatMap(variant => ('screen' in variant ? variant.screen : []))
  t.notMatch(
    [unit, browser, ...environments].join('\n'),
    /--(no|disable)-[\w-]*sandbox|--no-zygote|--single-process/,
  )
  t.match(unit, /^IPAddressDeny=any\nIPAddressAllow=localhost$/m)
  const [, first, port] = /--app=(\S+)#(\d+) /.exec(browser) ?? []
  const page = `http://127.0.0.1:${port}`
  const policy = JSON.parse(readFileSync(join(image, 'etc/chromium/policies/managed/tunggal.json'), 'utf8'))
  t.equal(first, 'file:///opt/tunggal/dist/page/starting.html')
  t.equal(Number(port), defaultSettings.ui.port)
  t.same(policy.URLBlocklist, ['*'])
  t.same(policy.URLAllowlist, [first, page])
  t.equal(policy.DownloadRestrictions, 3)
})

t.test('its one window has no keys of its own, and nothing else beside it', async t => {
  const lines = readFileSync(join(image, 'usr/share/tunggal/screen.conf'), 'utf8').split('\n')
  t.notOk(lines.some(line => /^\s*(bind|include|mode|bar)/.test(line)))
  t.same(
    lines.filter(line => line.startsWith('exec')),
    ['exec sh /usr/share/tunggal/screen-browser'],
  )
})

t.test('its keyboard has no key for Ctrl, Alt, Super, a menu or F1 to F12', async t => {
  const symbols = readFileSync(join(image, 'usr/share/tunggal/xkb/symbols/kiosk'), 'utf8')
  const keys = [...symbols.matchAll(/^ *key <(\w+)>/gm)].map(([, name]) => name)
  t.ok(keys.includes('RTRN') && keys.includes('KP5'))
  t.same(
    keys.filter(name => /^(FK\d+|[LR](CTL|ALT|WIN|VL\d)|MENU|COMP|PRSC|HYPR|META|I\d+)$/.test(name)),
    [],
  )
  t.same(symbols.match(/include ".*"/g), ['include "us(basic)"'], 'the letters, and nothing else')
})

t.test('the runtime’s memory is overwritten as it is freed', async t => {
  const [[name, value]] = Object.entries(FREED_MEMORY_ENVIRONMENT)
  t.match(readFileSync(join(units, 'tunggal.service'), 'utf8'), `Environment=${name}=${value}\n`)
})

t.test('a radio that comes late, or again, gets its service', async t => {
  const pi = join(firmware, 'image/files-raspberry-pi-4')
  const unit = readFileSync(join(pi, 'etc/systemd/system/tunggal-wifi.service'), 'utf8')
  const [, device] = /^BindsTo=sys-subsystem-net-devices-(\w+)\.device$/m.exec(unit) ?? []
  const rules = readFileSync(join(pi, 'usr/lib/udev/rules.d/63-tunggal-wifi.rules'), 'utf8')
  t.match(
    rules,
    new RegExp(
      `^SUBSYSTEM=="net", KERNEL=="${device}",.* ENV{SYSTEMD_WANTS}\\+="tunggal-wifi.service"$`,
      'm',
    ),
  )
})

t.test('a stick whose partitions are called as the card’s does not take their place', async t => {
  const rules = readFileSync(
    join(firmware, 'image/files/usr/lib/udev/rules.d/61-tunggal-stick.rules'),
    'utf8',
  )
  t.match(rules, /systemd-mount .*--property=LazyUnmount=yes .*\/media\/stick"$/m, 'nor that of the next one')
  t.match(rules, /^SUBSYSTEM=="block", ENV{ID_BUS}=="usb", OPTIONS\+="link_priority=-\d+"$/m)
})

t.test('what speaks with the radio is exposed at most 4.5', async t => {
  const unit = join(firmware, 'image/files-raspberry-pi-4/etc/systemd/system/tunggal-wifi.service')
  t.ok(exposureOf(unit) <= 4.5, `${exposureOf(unit)}`)
})

function exposureOf(unit: string): number {
  const words = ['security', '--offline=true', '--no-pager', unit]
  const text = execFileSync('systemd-analyze', words, { encoding: 'utf8' })
  return Number(/Overall exposure level for \S+: ([\d.]+)/.exec(text)?.[1])
}
