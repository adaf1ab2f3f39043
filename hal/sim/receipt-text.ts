import encodeQR from 'qr'
import type { Receipt, ReceiptLine } from '../ports/receipt-printer.ts'
import { wrapText } from '../ports/wrap-text.ts'

/** A receipt as lines of characters, `columns` wide at most (a QR code may be wider). */
export function receiptText(receipt: Receipt, columns: number): string {
  return `${receipt.flatMap(line => textLines(line, columns)).join('\n')}\n`
}

function textLines(line: ReceiptLine, columns: number): string[] {
  if ('qr' in line) return qrText(line.qr).map(row => centred(row, columns))
  if ('picture' in line) return [centred(`[${line.picture.widthDots} dots wide]`, columns)]
  if ('rule' in line) return ['─'.repeat(columns)]
  if ('feedLines' in line) return Array<string>(line.feedLines).fill('')
  return wrapText(line.text, columns).map(text => (line.align === 'centre' ? centred(text, columns) : text))
}

function centred(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, Math.floor((columns - [...text].length) / 2))) + text
}

/** True is dark; the quiet zone of four modules that ISO/IEC 18004 asks for is around it. */
export function qrModules(text: string): boolean[][] {
  return encodeQR(text, 'raw', { ecc: 'medium', border: 4 })
}

/** Two modules a character. Light modules are the blocks, since most terminals are dark. */
function qrText(text: string): string[] {
  const modules = qrModules(text)
  const rows: string[] = []
  for (let y = 0; y < modules.length; y += 2) {
    const upper = modules[y]
    const lower = modules[y + 1]
    rows.push(upper.map((dark, x) => halfBlock(!dark, lower !== undefined && !lower[x])).join(''))
  }
  return rows
}

function halfBlock(upper: boolean, lower: boolean): string {
  if (upper) return lower ? '█' : '▀'
  return lower ? '▄' : ' '
}
