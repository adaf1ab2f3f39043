/**
 * Goal: the driver keeps the printer's contract over a device file, as `/dev/usb/lp0` is one.
 * Method: the simulated printer behind a terminal of the kernel. Time passes in steps, and slowly enough for bytes.
 */
import t from 'tap'
import { EscPosPrinter } from '../../../../hal/drivers/escpos/escpos.ts'
import { EscPosSimulator } from '../../../../hal/sim/escpos-printer.ts'
import { UsbPrinterLine } from '../../../../hal/transport/usb-printer.ts'
import { receiptPrinterContract } from '../../../contract/receipt-printer.ts'
import { PacedClock } from '../../../support/paced-clock.ts'
import { ptyLine } from '../../../support/pty-line.ts'

t.setTimeout(300_000)
const lines: { close(): Promise<void> }[] = []
t.teardown(async () => {
  for (const line of lines) await line.close()
})

receiptPrinterContract('the ESC/POS driver on a USB printer', async () => {
  const clock = new PacedClock()
  const line = await ptyLine()
  lines.push(line)
  const receipts: string[] = []
  const onReceipt = ({ text }: { text: string }) => receipts.push(text)
  const simulator = new EscPosSimulator({ line: line.part, clock, onReceipt })
  let { paperLines } = simulator
  return {
    printer: new EscPosPrinter({ port: new UsbPrinterLine({ path: line.path, clock }), clock }),
    clock,
    setPaper(lines) {
      paperLines = simulator.paperLines = lines
    },
    setCover(position) {
      simulator.coverOpen = position === 'open'
    },
    setSilent: silent => simulator.setSilent(silent),
    begun: () => simulator.paperLines < paperLines,
    printed: () => receipts,
  }
})
