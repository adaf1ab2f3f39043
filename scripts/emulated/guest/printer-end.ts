/** Hands the printer's end of the USB printer to whoever is at this program's input and output. */
import { openPrinterEnd } from './open-printer-end.ts'

const end = await openPrinterEnd()
end.onBytes(bytes => process.stdout.write(bytes))
process.stdin.on('data', bytes => end.write(bytes))
process.stdin.once('end', () => void end.close())
