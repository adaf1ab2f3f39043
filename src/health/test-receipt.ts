import type { Receipt } from '../../hal/ports/receipt-printer.ts'

/** What shows a technician that a receipt printer prints: its letters, its bold ones, and a code to scan. */
export const TEST_RECEIPT: Receipt = [
  { text: 'TUNGGAL', align: 'centre', bold: true, large: true },
  { text: 'Uji cetak / Test print', align: 'centre' },
  { rule: true },
  { text: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789' },
  { text: 'abcdefghijklmnopqrstuvwxyz é ñ ü', bold: true },
  { qr: 'TUNGGAL-TEST' },
  { feedLines: 3 },
]
