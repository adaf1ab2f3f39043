/**
 * Goal: a technician sees what parts say of themselves, and lets each do what it is for.
 * Method: the shipped command on the simulated board; its sensor has a person before it, its switches nobody.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { shippedBoard } from '../../../hal/board/shipped-boards.ts'
import { frameText } from '../../../src/cli/technician/frame-text.ts'
import { buildCli } from '../built-cli.ts'

t.setTimeout(180_000)

const folder = t.testdir({ cli: {} })
const tunggal = buildCli(join(folder, 'cli'))
const here = ['--data', join(folder, 'none')]

t.test('part list: every part, and 1 where one is down', async t => {
  const { code, lines } = await tunggal('part', 'list', ...here, '--json')
  t.equal(code, 0)
  const board = shippedBoard('simulated')
  t.same(
    lines.map(({ part }) => part),
    board.parts.map(({ name }) => name),
  )
  t.match(
    lines.find(({ part }) => part === 'climate'),
    {
      up: true,
      readings: [
        { name: 'temperature', unit: '°C' },
        { name: 'humidity', unit: '%' },
      ],
    },
  )
  const file = join(folder, 'board.json')
  const parts = board.parts.map(part => (part.name === 'card' ? { ...part, fault: 'silent' } : part))
  writeFileSync(file, JSON.stringify({ ...board, parts }))
  const faulty = await tunggal('part', 'list', ...here, '--board', file, '--json')
  t.equal(faulty.code, 1)
  t.match(
    faulty.lines.filter(({ up }) => up === false),
    [{ part: 'card', code: 'hal/no-answer' }],
  )
})

t.test('part watch: what it says, once while it stays the same', async t => {
  const { code, lines } = await tunggal('part', 'watch', 'housing', ...here, '--seconds', '1.5', '--json')
  t.equal(code, 0)
  t.match(lines, [{ part: 'housing', up: true, readings: [{ name: 'active', value: false }] }])
  const unknown = await tunggal('part', 'watch', 'huosing', ...here)
  t.equal(unknown.code, 64)
  t.match(unknown.err, /no part huosing; did you mean housing\?/)
})

t.test('part test: the sensor takes a finger, judges it, and draws it', async t => {
  const png = join(folder, 'finger.png')
  const { code, lines } = await tunggal('part', 'test', 'fingerprint', ...here, '--json', '-o', png)
  t.equal(code, 0)
  t.match(lines, [{ part: 'fingerprint', widthPx: 300, heightPx: 400, resolutionDpi: 500, reason: 'ok' }])
  t.equal(readFileSync(png).subarray(1, 4).toString(), 'PNG')
  t.match((await tunggal('part', 'test', 'fingerprint', ...here)).out, /[▒▓█]{1,}░.*\n/)
})

t.test('part test: printer, clock and climate do what they are for; a stuck door does not', async t => {
  const printed = await tunggal('part', 'test', 'receipt', ...here)
  t.equal(printed.code, 0)
  t.match(printed.out, /Uji cetak/)
  const page = await tunggal('part', 'test', 'pages', ...here, '--json')
  t.match(page, { code: 0, lines: [{ part: 'pages', printed: true, media: 'iso_a4_210x297mm' }] })
  t.equal((await tunggal('part', 'test', 'clock', ...here)).code, 0)
  t.match((await tunggal('part', 'test', 'climate', ...here, '--json')).lines, [{ temperatureCelsius: 27 }])
  const door = await tunggal('part', 'test', 'housing', '--seconds', '1', ...here)
  t.equal(door.code, 1)
  t.match(door.out, /did not change/)
  const card = await tunggal('part', 'test', 'card', '--seconds', '1', ...here)
  t.equal(card.code, 69)
  t.match(card.err, /No card/)
})

t.test('a frame as text: dark is ink, light is none, and the shape is kept', t => {
  const frame = {
    widthPx: 128,
    heightPx: 128,
    resolutionDpi: 500,
    pixels: new Uint8Array(128 * 128).fill(255),
  }
  for (let y = 0; y < 64; y++) frame.pixels.fill(0, y * 128, y * 128 + 64)
  const lines = frameText(frame).split('\n')
  t.equal(lines.length, 32)
  t.equal(lines[0], '█'.repeat(32) + ' '.repeat(32))
  t.equal(lines[31], ' '.repeat(64))
  t.end()
})
