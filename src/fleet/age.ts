const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const
export type SpanUnit = (typeof UNITS)[number][0]

const english: Readonly<Record<SpanUnit, string>> = { d: 'd', h: 'h', min: 'min', s: 's' }

/** A span in its two greatest units, for people: `3 d 4 h`, `12 s`. `names`: what a language calls them. */
export function spanText(seconds: number, names: Readonly<Record<SpanUnit, string>> = english): string {
  let rest = Math.max(0, Math.round(seconds))
  const first = UNITS.findIndex(([, unit]) => rest >= unit)
  if (first === -1) return `0 ${names.s}`
  const words: string[] = []
  for (const [name, unit] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / unit)
    rest -= count * unit
    if (count > 0) words.push(`${count} ${names[name]}`)
  }
  return words.join(' ')
}

/** How long ago. */
export function ageText(at: string, nowMs: number): string {
  return spanText((nowMs - Date.parse(at)) / 1000)
}
