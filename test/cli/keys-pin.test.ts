/** Goal: a PIN goes into the settings as what cannot be turned back, and never onto a command line. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../../src/base/clock.ts'
import { PinGuard } from '../../src/health/pin-guard.ts'
import { settingsSchema } from '../../src/settings/settings.ts'

function keysPin(input: string, ...words: string[]) {
  const program = join(import.meta.dirname, '../../src/cli/main.ts')
  return spawnSync(process.execPath, ['--import', 'tsx', program, 'keys', 'pin', ...words], {
    input,
    encoding: 'utf8',
  })
}

t.test('what it prints is a setting, and lets that PIN in', async t => {
  const { status, stdout, stderr } = keysPin('770021\n', '--json')
  t.equal(status, 0)
  t.notMatch(stdout + stderr, '770021')
  const { ui } = settingsSchema.parse({ ui: { technicianPin: JSON.parse(stdout).pin } })
  const pins = new PinGuard({
    hashes: { technician: ui.technicianPin },
    file: join(t.testdir(), 'pin-tries'),
    clock: systemClock,
    triesMax: 3,
    lockMs: 60_000,
  })
  t.same(await pins.enter('770021'), { kind: 'right', role: 'technician' })
})

t.test('a PIN that is short, or none, is refused in one line', async t => {
  for (const input of ['12345\n', 'abcdef\n', '']) {
    const { status, stdout, stderr } = keysPin(input)
    t.equal(status, 64)
    t.equal(stdout, '')
    t.match(stderr, /6 to 12 digits/)
    t.equal(stderr.split('\n').length, 2)
  }
})
