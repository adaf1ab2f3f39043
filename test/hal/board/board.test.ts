import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { readBoard } from '../../../hal/board/board.ts'
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
  const board = await openBoard(shippedBoard('simulated'), { clock, simulation })
  t.equal((await clock.finish(board.sensor.capture({ ...call, position: 1 }))).widthPx, 300)
  await clock.finish(board.printer.print([{ text: 'Terima kasih' }], call))
  t.match(receipts, [{ text: 'Terima kasih\n' }])
  await board.close()
  await t.rejects(board.sensor.capture(call), { code: 'hal/not-open' })
  await t.rejects(board.printer.status(), { code: 'hal/not-open' })
})

const part = (name: string, driver = 'simulated-receipt-printer', on?: object) => ({ name, driver, on })

t.test('what is no board is refused with one clear reason', async t => {
  const refused: [string, unknown, RegExp][] = [
    ['another type', [], /board/],
    ['no parts', { id: 'x' }, /board\.parts/],
    ['a field of unknown meaning', { id: 'x', parts: [], colour: 'red' }, /colour/],
    ['a name with spaces', { id: 'x', parts: [part('left lamp')] }, /parts\.0\.name/],
    ['two parts of one name', { id: 'x', parts: [part('a'), part('a')] }, /two parts are called a/],
    [
      'two parts on one pin',
      { id: 'x', parts: [part('a', 'lamp', { gpio: 'chip:4' }), part('b', 'lamp', { gpio: 'chip:4' })] },
      /two parts are wired to chip:4/,
    ],
    [
      'too many parts',
      { id: 'x', parts: Array.from({ length: 65 }, (_, i) => part(`p${i}`)) },
      /board\.parts/,
    ],
  ]
  for (const [what, value, message] of refused)
    t.throws(() => readBoard(JSON.stringify(value)), { code: 'config/bad-value', message }, what)
  t.throws(() => readBoard('{'), { code: 'config/bad-value', message: /not JSON/ })
})

t.test('an unknown driver or a missing part is refused by name', async t => {
  const open = (parts: object[]) =>
    openBoard(readBoard(JSON.stringify({ id: 'x', parts })), { clock: new ManualClock() })
  await t.rejects(open([part('lamp', 'constructor')]), { message: /lamp: there is no driver constructor/ })
  await t.rejects(open([part('printer')]), { code: 'config/bad-value', message: /no fingerprint sensor/ })
  await t.rejects(open([part('finger', 'simulated-fingerprint-sensor')]), { message: /no receipt printer/ })
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
  const parts = [
    part('fingerprint', 'simulated-fingerprint-sensor'),
    part('receipt', 'escpos-receipt-printer', { line }),
  ]
  const board = await openBoard(readBoard(JSON.stringify({ id: 'x', parts })), { clock: systemClock })
  await board.printer.print([{ text: 'Terima kasih' }], call)
  t.same(receipts, ['Terima kasih\n'])
  await board.close()
  for (const socket of sockets) socket.destroy()
})

t.test('a line that is none, or of an unknown kind, is refused by the name of its part', async t => {
  for (const on of [undefined, { line: 'usb' }, { line: 'tcp://printer' }, { line: 'udp://printer:1' }]) {
    const parts = [part('receipt', 'escpos-receipt-printer', on)]
    const opening = openBoard(readBoard(JSON.stringify({ id: 'x', parts })), { clock: new ManualClock() })
    await t.rejects(opening, { code: 'config/bad-value', message: /part receipt/ })
  }
})
