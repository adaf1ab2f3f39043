/** Goal: whoever breaks into the runtime gets little of the kiosk (systemd's own judgement of its sandbox). */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FREED_MEMORY_ENVIRONMENT } from '../../src/base/freed-memory.ts'

const firmware = join(import.meta.dirname, '../../firmware')
const units = join(firmware, 'units')
const EXPOSURE_MAX = { 'tunggal.service': 2.0 } as const

for (const [unit, exposureMax] of Object.entries(EXPOSURE_MAX)) {
  t.test(`${unit} is exposed at most ${exposureMax}`, async t => {
    const path = join(units, unit)
    const exposure = exposureOf(path)
    t.ok(exposure <= exposureMax, `${exposure}`)
    const directives = readFileSync(path, 'utf8')
    // These would keep V8 from compiling, and pins from being exported.
    t.notMatch(directives, /^(MemoryDenyWriteExecute|ProtectKernelTunables)=/m)
    t.match(directives, /^LimitCORE=0$/m)
  })
}

t.test('the runtime’s memory is overwritten as it is freed', async t => {
  const [[name, value]] = Object.entries(FREED_MEMORY_ENVIRONMENT)
  t.match(readFileSync(join(units, 'tunggal.service'), 'utf8'), `Environment=${name}=${value}\n`)
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
