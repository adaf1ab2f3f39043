const POINTS_PER_MM = 72 / 25.4
const A4_MM = { width: 210, height: 297 }
const MARGIN_MM = 8
const LINES = ['TUNGGAL', 'Uji cetak / Test print', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789']

/**
 * A page for trying a printer: a frame near the edges of the medium, and a few lines. PDF 1.4 (ISO 32000-1) with a
 * typeface that every printer has. `media` is a name of PWG 5101.1, which ends in its size: `iso_a4_210x297mm`.
 */
export function testPage(media: string): Uint8Array {
  const [, width, height, unit] = /_([\d.]+)x([\d.]+)(mm|in)$/.exec(media) ?? []
  const mm = unit === 'in' ? 25.4 : 1
  const isSized = Number(width) > 0 && Number(height) > 0
  const widthPoints = (isSized ? Number(width) * mm : A4_MM.width) * POINTS_PER_MM
  const heightPoints = (isSized ? Number(height) * mm : A4_MM.height) * POINTS_PER_MM
  const margin = MARGIN_MM * POINTS_PER_MM
  const size = Math.min(18, widthPoints / 24)
  const frame = [margin, margin, widthPoints - 2 * margin, heightPoints - 2 * margin]
  const text = LINES.map(line => `(${line}) Tj T*`).join(' ')
  const drawing = [
    `${points(frame)} re S`,
    `BT /F1 ${points([size])} Tf ${points([size * 1.5])} TL`,
    `${points([margin + size, heightPoints - margin - 2 * size])} Td ${text} ET`,
  ].join('\n')
  return pdf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${points([widthPoints, heightPoints])}] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>`,
    `<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ])
}

function points(values: readonly number[]): string {
  return values.map(value => value.toFixed(2)).join(' ')
}

/** Objects of ASCII text, numbered from 1, the first of them the catalogue. */
function pdf(objects: readonly string[]): Uint8Array {
  let text = '%PDF-1.4\n'
  const offsets = objects.map((object, i) => {
    const offset = text.length
    text += `${i + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const rows = offsets.map(offset => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`
  return Buffer.from(text + table + trailer, 'latin1')
}
