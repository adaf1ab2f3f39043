import { z } from 'zod'
import { type PartDriver, partDriver } from '../part-driver.ts'
import { onIpp } from '../wiring.ts'

/** Printers of pages and cards, by the name of their driver. */
export const pagePrinters: Readonly<Record<string, PartDriver>> = {
  'ipp-document-printer': partDriver({
    kind: 'document-printer',
    summary: 'A page or card printer that speaks IPP: IPP Everywhere, or a queue of CUPS',
    on: z.strictObject({ printer: onIpp() }),
    async load({ on }, { clock }) {
      const { IppPrinter } = await import('../../drivers/ipp/ipp.ts')
      const { httpIpp } = await import('../../transport/ipp-http.ts')
      const { url } = on.printer
      return new IppPrinter({ exchange: httpIpp(url), clock, url })
    },
  }),
  'simulated-document-printer': partDriver({
    kind: 'document-printer',
    summary: 'An A4 printer that is not there',
    settings: {
      fault: z
        .enum(['silent', 'paper-low', 'paper-out', 'cover-open', 'jammed'])
        .optional()
        .meta({ doc: 'A fault from the start, to try what it does.' }),
    },
    async load({ fault }, { clock }) {
      const { IppPrinter } = await import('../../drivers/ipp/ipp.ts')
      const { IppSimulator } = await import('../../sim/ipp-printer.ts')
      const simulator = new IppSimulator({ clock })
      simulator.sheets = fault === 'paper-out' ? 0 : fault === 'paper-low' ? 5 : simulator.sheets
      simulator.coverOpen = fault === 'cover-open'
      simulator.silent = fault === 'silent'
      simulator.jammed = fault === 'jammed'
      return new IppPrinter({ exchange: simulator.exchange, clock, url: 'ipp://localhost/ipp/print' })
    },
  }),
}
