/** RAUC 1.8 has no field for it: it stands in the bundle's signed description. */
const WORDS = 'not to be installed after '

export function expiryText(expiresAt: string): string {
  return `${WORDS}${expiresAt}`
}

/** Milliseconds since 1970; undefined where none is said. */
export function expiryIn(description: string): number | undefined {
  if (!description.startsWith(WORDS)) return undefined
  const ms = Date.parse(description.slice(WORDS.length))
  return Number.isNaN(ms) ? undefined : ms
}
