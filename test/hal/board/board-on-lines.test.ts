/**
 * Goal: a board with a fingerprint module and a printer on real lines lives through a pulled cord: the part is down
 * with its reason, the other works on, and it comes back by itself.
 * Method: the simulated parts behind terminals of the kernel.
 */
import t from 'tap'
import { readBoard } from '../../../hal/board/board.ts'
import type { Machine } from '../../../hal/board/machine.ts'
import { openBoard } from '../../../hal/board/open-board.ts'
import { simulatedCitizen } from '../../../hal/sim/citizen.ts'
import { EscPosSimulator } from '../../../hal/sim/escpos-printer.ts'
import { SimulatedGpio } from '../../../hal/sim/gpio-lines.ts'
import { SimulatedLoopback } from '../../../hal/sim/loopback.ts'
import { ZfmModule } from '../../../hal/sim/zfm-module.ts'
import { SerialLine } from '../../../hal/transport/serial.ts'
import { UsbPrinterLine } from '../../../hal/transport/usb-printer.ts'
import { PacedClock } from '../../support/paced-clock.ts'
import { ptyLine } from '../../support/pty-line.ts'

t.setTimeout(120_000)

const file = JSON.stringify({
  id: 'desk',
  parts: [
    {
      name: 'fingerprint',
      driver: 'zfm-fingerprint-sensor',
      model: 'zfm-20',
      on: { line: 'serial:/dev/ttyUSB0?baud=57600', wake: 'chip:1' },
    },
    { name: 'receipt', driver: 'escpos-receipt-printer', on: { line: 'usb-printer:/dev/usb/lp0' } },
  ],
})
const call = { timeoutMs: 8000, signal: new AbortController().signal }

t.test('a cord is pulled and plugged back, first of the sensor, then of the printer', async t => {
  const clock = new PacedClock()
  const sensorLine = await ptyLine()
  const printerLine = await ptyLine()
  t.teardown(async () => {
    await sensorLine.close()
    await printerLine.close()
  })
  const module = new ZfmModule({ line: sensorLine.part, clock, model: 'zfm-20' })
  module.finger = simulatedCitizen(4).place(2, 0)
  const receipts: string[] = []
  const onReceipt = ({ text }: { text: string }) => receipts.push(text)
  new EscPosSimulator({ line: printerLine.part, clock, onReceipt, lineMs: 5 })
  const gpio = new SimulatedGpio()
  const machine: Machine = {
    gpio,
    loopback: new SimulatedLoopback(),
    i2c: () => {
      throw new Error('nothing is on a bus')
    },
    line: async wiring =>
      wiring.bus === 'serial'
        ? new SerialLine({ ...wiring, path: sensorLine.path })
        : new UsbPrinterLine({ path: printerLine.path, clock }),
  }

  await printerLine.cut()
  const board = await clock.finish(openBoard(readBoard(file), { clock, machine }))
  const { sensor, printer } = board
  if (sensor === undefined || printer === undefined) throw new Error('it has both')
  const heard: string[] = []
  board.onState(({ name, state }) => heard.push(`${name} ${state.up ? 'up' : state.code}`))
  t.match(
    board.parts.map(part => part.state),
    [{ up: true }, { up: false, code: 'hal/no-answer', detail: /plug it in/ }],
    'a printer that is not there is no reason not to start',
  )
  await t.rejects(printer.print([{ text: 'Halo' }], call), { code: 'hal/no-answer' })
  t.equal((await clock.finish(sensor.capture(call))).widthPx, 256)

  await printerLine.mend()
  await clock.advance(5000)
  t.same(heard, ['receipt up'])
  await sensorLine.cut()
  await t.rejects(clock.finish(sensor.capture(call)), { code: 'hal/no-answer' })
  await clock.finish(printer.print([{ text: 'Halo' }], call))
  t.same(receipts, ['Halo\n'], 'the printer works on')
  await sensorLine.mend()
  await clock.advance(5000)
  t.same(heard, ['receipt up', 'fingerprint hal/no-answer', 'fingerprint up'])
  t.equal((await clock.finish(sensor.capture(call))).heightPx, 288)
  await clock.finish(board.close())
  t.equal(clock.sleeping, 0)
})
