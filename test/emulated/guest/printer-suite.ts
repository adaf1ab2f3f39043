/**
 * Goal: the ESC/POS driver keeps the printer's contract on the kernel's USB printer driver.
 * Method: the simulated printer behind the kernel's printer gadget.
 */
import t from 'tap'
import { EscPosPrinter } from '../../../hal/drivers/escpos/escpos.ts'
import { EscPosSimulator } from '../../../hal/sim/escpos-printer.ts'
import { UsbPrinterLine } from '../../../hal/transport/usb-printer.ts'
import { openPrinterEnd } from '../../../scripts/emulated/guest/open-printer-end.ts'
import { receiptPrinterContract } from '../../contract/receipt-printer.ts'
import { PacedClock } from '../../support/paced-clock.ts'

t.setTimeout(400_000)
const PACE_MS = 50
const line = await openPrinterEnd()
t.teardown(() => line.close())

receiptPrinterContract('the ESC/POS driver on a USB printer of the kernel', async () => {
  const clock = new PacedClock(PACE_MS)
  const receipts: string[] = []
  const onReceipt = ({ text }: { text: string }) => receipts.push(text)
  const simulator = new EscPosSimulator({ line, clock, onReceipt })
  let { paperLines } = simulator
  return {
    printer: new EscPosPrinter({ port: new UsbPrinterLine({ path: '/dev/usb/lp0', clock }), clock }),
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
