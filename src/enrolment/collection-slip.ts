import type { Receipt } from '../../hal/ports/receipt-printer.ts'
import { receiptCode } from '../record/receipt-code.ts'
import type { VisitLanguage } from '../record/visit-view.ts'
import type { KioskSettings } from '../settings/kiosk.ts'
import { localTime } from './receipt.ts'
import { receiptTexts } from './texts/texts.ts'

export interface SlipParts {
  readonly kiosk: Pick<KioskSettings, 'id' | 'site' | 'timeZone'>
  readonly language: VisitLanguage
  readonly recordId: string
  /** When the card was printed, ISO 8601. */
  readonly printedAt: string
}

/** With what a citizen fetches their card: which record, since when it is ready, and what to bring. Not who they are. */
export function collectionSlip({ kiosk, language, recordId, printedAt }: SlipParts): Receipt {
  const { slip, ...texts } = receiptTexts[language]
  return [
    { text: slip.title, align: 'centre', bold: true },
    { text: kiosk.site, align: 'centre' },
    { rule: true },
    { text: `${texts.recordId}:` },
    { text: recordId, bold: true },
    { text: `${slip.readySince}: ${localTime({ atMs: Date.parse(printedAt), language, kiosk })}` },
    { rule: true },
    { text: slip.bring },
    { qr: receiptCode(recordId) },
    { feedLines: 3 },
  ]
}
