import encodeQR from 'qr'
import { h } from '../../page/element.ts'

/** A QR code as one path, four modules of quiet zone around it. */
export function qrCode(text: string, label: string): Element {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: 4 })
  const dark = rows.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : [])))
  return h(
    'svg',
    { class: 'qr', viewBox: `0 0 ${rows.length} ${rows.length}`, role: 'img', 'aria-label': label },
    h('rect', { class: 'light', width: rows.length, height: rows.length }),
    h('path', { class: 'dark', d: dark.join('') }),
  )
}
