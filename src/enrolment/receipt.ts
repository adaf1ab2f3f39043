import type { Receipt, ReceiptLine } from '../../hal/ports/receipt-printer.ts'
import { maskNik, type Nik } from '../record/nik.ts'
import { receiptCode } from '../record/receipt-code.ts'
import type { VisitLanguage } from '../record/visit-view.ts'
import type { KioskSettings } from '../settings/kiosk.ts'
import type { Finger } from './state.ts'
import { receiptTexts } from './texts/texts.ts'

export interface ReceiptParts {
  readonly kiosk: Pick<KioskSettings, 'id' | 'site' | 'timeZone'>
  readonly language: VisitLanguage
  readonly recordId: string
  readonly nik: Nik
  /** When the record was kept, milliseconds since 1970. */
  readonly atMs: number
  readonly fingers: readonly Finger[]
  /** There is no connection to the centre now; the paper must not promise otherwise. */
  readonly offline: boolean
}

/** The paper that a citizen takes home. Nothing on it but the last four digits says who they are. */
export function receiptLines(parts: ReceiptParts): Receipt {
  const texts = receiptTexts[parts.language]
  const kept = parts.fingers.filter(finger => 'sample' in finger)
  const forced = kept.filter(finger => finger.forced).length
  const excepted = parts.fingers.length - kept.length
  return [
    { text: texts.title, align: 'centre', bold: true },
    { text: parts.kiosk.site, align: 'centre' },
    { text: `${texts.kiosk} ${parts.kiosk.id}`, align: 'centre' },
    { rule: true },
    { text: `${texts.recordId}:` },
    { text: parts.recordId, bold: true },
    { text: `${texts.nik}: ${maskNik(parts.nik)}` },
    { text: `${texts.at}: ${localTime(parts)}` },
    { text: `${texts.fingers}: ${texts.captured(kept.length)}` },
    ...lineIf(forced > 0, texts.forced(forced)),
    ...lineIf(excepted > 0, texts.excepted(excepted)),
    { rule: true },
    { text: texts.statusTitle, bold: true },
    { text: texts.reached },
    ...texts.ahead.map(text => ({ text })),
    { text: parts.offline ? texts.offline : texts.online },
    { feedLines: 1 },
    { text: texts.nextTitle, bold: true },
    { text: texts.next },
    { qr: receiptCode(parts.recordId) },
    { text: texts.rights },
    { feedLines: 3 },
  ]
}

function lineIf(wanted: boolean, text: string): readonly ReceiptLine[] {
  return wanted ? [{ text }] : []
}

/** With the zone's name, in characters that printers have. */
export function localTime({
  atMs,
  language,
  kiosk,
}: Pick<ReceiptParts, 'atMs' | 'language'> & { readonly kiosk: Pick<KioskSettings, 'timeZone'> }): string {
  const options = {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: kiosk.timeZone,
    timeZoneName: 'short',
  } as const
  const text = new Intl.DateTimeFormat(language === 'id' ? 'id-ID' : 'en-GB', options).format(atMs)
  // Printers have no narrow or non-breaking spaces.
  return text.replace(/\s/g, ' ')
}
