/**
 * Text as lines of at most `columns` characters: broken at spaces, and inside a word only where it is longer
 * than a line. Always at least one line. Every printer breaks alike, so a receipt looks the same everywhere.
 */
export function wrapText(text: string, columns: number): string[] {
  const rows: string[] = []
  for (const paragraph of text.split('\n')) {
    let row: string[] = []
    for (const word of paragraph.split(' ')) {
      let letters = [...word]
      if (row.length > 0 && row.length + 1 + letters.length > columns) {
        rows.push(row.join(''))
        row = []
      }
      if (row.length > 0) row.push(' ')
      while (row.length + letters.length > columns) {
        const fit = columns - row.length
        rows.push([...row, ...letters.slice(0, fit)].join(''))
        letters = letters.slice(fit)
        row = []
      }
      row.push(...letters)
    }
    rows.push(row.join(''))
  }
  return rows
}
