/**
 * Goal: a printer's device file keeps the contract of a byte port, and a printer that stops holds nothing up.
 * Method: a terminal of the kernel stands for `/dev/usb/lp0`: it too says "later" to reads without bytes and to
 * writes without room.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { EscPosPrinter } from '../../../hal/drivers/escpos/escpos.ts'
import { EscPosSimulator } from '../../../hal/sim/escpos-printer.ts'
import { UsbPrinterLine } from '../../../hal/transport/usb-printer.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { bytePortContract } from '../../contract/byte-port.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { ptyLine } from '../../support/pty-line.ts'
import { until } from '../../support/until.ts'

const folder = t.testdir()
const lines: { close(): Promise<void> }[] = []
t.teardown(async () => {
  for (const line of lines) await line.close()
})

async function newLine() {
  const line = await ptyLine()
  lines.push(line)
  return line
}

bytePortContract('a USB printer', async () => {
  const line = await newLine()
  return {
    port: new UsbPrinterLine({ path: line.path, clock: systemClock }),
    heard: () => line.heard,
    say: bytes => line.part.write(bytes),
    until,
    settle: line.settle,
    cut: line.cut,
    mend: line.mend,
  }
})

t.test('a printer that takes no more bytes: the write ends, and so does closing', async t => {
  const clock = new ManualClock()
  // A terminal whose other end nobody reads: the kernel holds some kilobytes, then no more.
  const path = `${folder}/stuck`
  const socat = execFile('socat', [`pty,rawer,link=${path}`, 'exec:sleep 60'])
  t.teardown(() => socat.kill())
  await until(() => existsSync(path))
  socat.kill('SIGSTOP')
  t.teardown(() => socat.kill('SIGCONT'))
  const port = new UsbPrinterLine({ path, clock })
  await port.open()
  const writing = port.write(new Uint8Array(1_000_000))
  const rejected = t.rejects(writing, { code: 'hal/no-answer', message: /holds/ })
  for (let turn = 0; turn < 600; turn++) {
    await clock.advance(10)
    if (turn % 50 === 0) await setTimeout(5)
  }
  await rejected
  const again = t.rejects(port.write(new Uint8Array(1_000_000)), { code: 'hal/not-open' })
  await clock.advance(10)
  await port.close()
  await again
  t.equal(clock.sleeping, 0)
})

t.test('a device file that is not there is said so with what to do', async t => {
  const port = new UsbPrinterLine({ path: `${folder}/lp9`, clock: systemClock })
  await t.rejects(port.open(), { code: 'hal/no-answer', message: /lp9.*switch the printer on/ })
  await port.close()
})

t.test('a receipt is printed through the device file, and its paper is asked for', async t => {
  const line = await newLine()
  const receipts: string[] = []
  const simulator = new EscPosSimulator({
    line: line.part,
    clock: systemClock,
    lineMs: 1,
    onReceipt: ({ text }) => receipts.push(text),
  })
  const port = new UsbPrinterLine({ path: line.path, clock: systemClock })
  const printer = new EscPosPrinter({ port, clock: systemClock })
  await printer.open()
  const options = { timeoutMs: 10_000, signal: new AbortController().signal }
  await printer.print([{ text: 'Terima kasih' }, { qr: 'tunggal:1' }], options)
  t.match(receipts, [/^Terima kasih\n/])
  simulator.paperLines = 10
  t.same(await printer.status(), { paper: 'low', coverOpen: false })
  await printer.close()
})
