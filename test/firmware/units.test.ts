/** Goal: whoever breaks into the runtime gets little of the kiosk (systemd's own judgement of its sandbox). */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FREED_MEMORY_ENVIRONMENT } from '../../src/base/freed-memory.ts'

const units = join(import.meta.dirname, '../../firmware/units')
const EXPOSURE_MAX = { 'tunggal.service': 2.0 } as const

for (const [unit, exposureMax] of Object.entries(EXPOSURE_MAX)) {
  t.test(`${unit} is exposed at most ${exposureMax}`, async t => {
    const path = join(units, unit)
    const text = execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', path], {
      encoding: 'utf8',
    })
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(text)?.[1])
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
