/** Goal: a technician learns from three commands which boards there are, how one is wired, and what is wrong. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildCli } from '../built-cli.ts'

const folder = t.testdir({ cli: {} })
const cli = buildCli(join(folder, 'cli'))

function boardFile(...parts: object[]): string {
  const file = join(folder, 'board.json')
  writeFileSync(file, JSON.stringify({ id: 'desk', parts }))
  return file
}

t.test('board list names the boards that come along, and what to know of them', async t => {
  const { code, lines } = await cli('board', 'list', '--json')
  t.equal(code, 0)
  t.same(
    lines.map(({ board }) => board),
    ['simulated', 'raspberry-pi-4', 'raspberry-pi-5', 'emulated'],
  )
  t.match(lines[2], { note: /untested.*newer kernel/i })
})

t.test('board show is a table that a person can wire from', async t => {
  const { code, out } = await cli('board', 'show', '--board', 'raspberry-pi-4')
  t.equal(code, 0)
  t.match(
    out,
    /^fingerprint +zfm-fingerprint-sensor +line +serial:\/dev\/ttyAMA0\?baud=57600 +8 \(TXD\), 10 \(RXD\)$/m,
  )
  t.match(out, /^presence +presence-sensor +gpio +pinctrl-bcm2711:17 +11 \(GPIO17\)$/m)
  t.match(out, /^climate +sht31 +i2c +i2c:1@0x44 +3 \(SDA\), 5 \(SCL\)$/m)
  const { lines } = await cli('board', 'show', '--board', 'simulated', '--json')
  t.match(lines[0], { part: 'fingerprint', kind: 'fingerprint-sensor', on: '' })
})

t.test('board check: nothing wrong, or one line a problem', async t => {
  t.equal((await cli('board', 'check', 'simulated')).code, 0)
  const good = boardFile({ name: 'lamp', driver: 'status-lamp', on: { gpio: 'chip:1' } })
  t.equal((await cli('board', 'check', good, '--file-only')).code, 0)
  const here = await cli('board', 'check', good, '--json')
  t.equal(here.code, 1)
  t.match(here.lines, [{ where: 'lamp', problem: /no line chip:1/, remedy: /./ }])

  const bad = boardFile(
    { name: 'lamp', driver: 'status-lamp', on: { gpio: 'chip:1' } },
    { name: 'buzzer', driver: 'buzzer', on: { gpio: 'chip:1' } },
    { name: 'climate', driver: 'sht13', on: { i2c: 'i2c:1' } },
  )
  const { code, out } = await cli('board', 'check', bad)
  t.equal(code, 1)
  t.same(out.trimEnd().split('\n'), [
    'parts.2.driver: climate: there is no driver sht13; did you mean sht31?',
    'parts.1.on.gpio: lamp and buzzer are both wired to chip:1: move one of them',
  ])
})

t.test('a board that is none is said so in one line', async t => {
  t.equal((await cli('board', 'show', '--board', join(folder, 'none.json'))).code, 74)
  const { code, err } = await cli('board', 'show', '--board', boardFile({ name: 'a', driver: 'b' }))
  t.equal(code, 78)
  t.equal(err.trimEnd().split('\n').length, 1)
  t.match(err, /a: there is no driver b/)
})
