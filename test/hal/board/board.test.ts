import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { checkBoard, readBoard } from '../../../hal/board/board.ts'
import { openBoard } from '../../../hal/board/open-board.ts'
import { shippedBoard, shippedBoardNames } from '../../../hal/board/shipped-boards.ts'
import { simulatedCitizen } from '../../../hal/sim/citizen.ts'
import { EscPosSimulator } from '../../../hal/sim/escpos-printer.ts'
import type { PrintedReceipt } from '../../../hal/sim/receipt-printer.ts'
import { socketEnd } from '../../../hal/sim/socket-end.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const boardsFolder = join(import.meta.dirname, '../../../hal/board/boards')
const call = { timeoutMs: 5000, signal: new AbortController().signal }

t.test('every file of the boards folder is shipped, under its own name', async t => {
  const names = readdirSync(boardsFolder).map(file => file.replace(/\.json$/, ''))
  t.same([...shippedBoardNames].sort(), names.sort())
  for (const name of names)
    t.same(readBoard(readFileSync(join(boardsFolder, `${name}.json`), 'utf8')), shippedBoard(name))
  t.throws(() => shippedBoard('toaster'), { code: 'config/bad-value', message: /toaster.*simulated/ })
})

t.test('the simulated board captures a finger and prints a receipt', async t => {
  const clock = new ManualClock()
  const receipts: PrintedReceipt[] = []
  const simulation = { citizen: simulatedCitizen(1), onReceipt: (r: PrintedReceipt) => receipts.push(r) }
  const { sensor, printer, close, parts } = await clock.finish(
    openBoard(shippedBoard('simulated'), { clock, simulation }),
  )
  if (sensor === undefined || printer === undefined) throw new Error('it has both')
  t.ok(parts.every(part => part.state.up))
  t.equal((await clock.finish(sensor.capture({ ...call, position: 1 }))).widthPx, 300)
  await clock.finish(printer.print([{ text: 'Terima kasih' }], call))
  t.match(receipts, [{ text: 'Terima kasih\n' }])
  await close()
  await t.rejects(sensor.capture(call), { code: 'hal/not-open' })
  await t.rejects(printer.status(), { code: 'hal/not-open' })
  t.equal(clock.sleeping, 0, 'and nothing is left waiting')
})

const part = (name: string, driver = 'simulated-receipt-printer', more?: object) => ({
  name,
  driver,
  ...more,
})
const board = (...parts: object[]) => JSON.stringify({ id: 'x', parts })
const escpos = (name: string, line: string) => part(name, 'escpos-receipt-printer', { on: { line } })

t.test('what is no board is refused with one clear reason', async t => {
  const refused: [string, string, RegExp][] = [
    ['another type', '[]', /board/],
    ['no parts', '{"id": "x"}', /board\.parts/],
    ['a field of unknown meaning', '{"id": "x", "parts": [], "colour": "red"}', /colour/],
    ['a name with spaces', board(part('left lamp')), /parts\.0\.name/],
    ['two parts of one name', board(part('a'), part('a')), /two parts are called a/],
    [
      'two parts on one line',
      board(escpos('a', 'serial:/dev/ttyS0'), escpos('b', 'serial:/dev/ttyS0?baud=9600')),
      /a and b are both wired to \/dev\/ttyS0/,
    ],
    [
      'an unknown driver',
      board(part('lamp', 'constructor')),
      /lamp: there is no driver constructor; there are/,
    ],
    [
      'a misspelt driver',
      board(part('p', 'escpos-reciept-printer')),
      /did you mean escpos-receipt-printer\?/,
    ],
    ['no line', board(part('p', 'escpos-receipt-printer')), /parts\.0\.on/],
    [
      'a line of an unknown kind',
      board(escpos('p', 'udp://printer:1')),
      /p: .*udp:\/\/printer:1.* is not of/,
    ],
    ['a line too few', board(escpos('p', 'tcp://printer')), /parts\.0\.on\.line/],
    ['a pin too many', board(part('p', undefined, { on: { gpio: 'chip:4' } })), /on/],
    ['an unknown setting', board(part('p', undefined, { colour: 'red' })), /colour/],
    ['too many parts', board(...Array.from({ length: 65 }, (_, i) => part(`p${i}`))), /board\.parts/],
    ['a whole disk', ' '.repeat(70_000), /longer/],
    ['no JSON', '{', /not JSON/],
  ]
  for (const [what, text, message] of refused)
    t.throws(() => readBoard(text), { code: 'config/bad-value', message }, what)
})

t.test('every problem of a file is found, with its place', async t => {
  const { problems } = checkBoard(board(part('a', 'lamp'), part('a'), escpos('c', 'usb')))
  t.same(
    problems.map(({ where }) => where),
    ['parts.0.driver', 'parts.1.name', 'parts.2.on.line'],
  )
  const good = board(
    part('a', 'sht31', { on: { i2c: 'i2c:1' } }),
    part('b', 'ds3231', { on: { i2c: 'i2c:1' } }),
    part('c', 'buzzer', { on: { gpio: 'pinctrl-bcm2711:4' } }),
  )
  t.same(checkBoard(good).problems, [], 'parts share a bus, not an address')
})

t.test('a board may lack a sensor or a printer: what needs it does without', async t => {
  const opened = await openBoard(readBoard(board(part('receipt'))), { clock: new ManualClock() })
  t.equal(opened.sensor, undefined)
  t.equal(opened.parts[0].kind, 'receipt-printer')
  await opened.close()
})

t.test('a printer on the network is opened by its address', async t => {
  const receipts: string[] = []
  const sockets: Socket[] = []
  const server = createServer(socket => {
    sockets.push(socket)
    const onReceipt = ({ text }: PrintedReceipt) => receipts.push(text)
    new EscPosSimulator({ line: socketEnd(socket), clock: systemClock, lineMs: 1, onReceipt })
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const line = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
  const parts = [part('fingerprint', 'simulated-fingerprint-sensor'), escpos('receipt', line)]
  const opened = await openBoard(readBoard(board(...parts)), { clock: systemClock })
  await opened.printer?.print([{ text: 'Terima kasih' }], call)
  t.same(receipts, ['Terima kasih\n'])
  await opened.close()
  for (const socket of sockets) socket.destroy()
})
