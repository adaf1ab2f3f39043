import { errorCatalogue, KioskError } from '../base/errors.ts'

/**
 * One line for a person: which file, what is wrong, why, and the code to look up or report. Never a stack
 * (unless `TUNGGAL_DEBUG` is set), never a line break, whatever a file is called.
 */
export function errorLine(error: unknown): string {
  if (!(error instanceof KioskError)) return oneLine(error instanceof Error ? error.message : String(error))
  const { file, why, ...numbers } = error.details
  const parts: string[] = []
  if (file !== undefined) parts.push(String(file))
  // Of a wrong option the reason says it all; everything else is first said in general.
  const hasOnlyReason = error.code === 'usage/bad-option' && why !== undefined
  if (!hasOnlyReason) parts.push(errorCatalogue[error.code].summary)
  if (why !== undefined) parts.push(String(why))
  const rest = Object.entries(numbers).map(([name, value]) => `${name} ${value}`)
  const brackets = rest.length > 0 ? ` (${rest.join(', ')})` : ''
  return oneLine(`${parts.join(': ')}${brackets} [${error.code}]`)
}

/** Line breaks and control characters, which a terminal would obey, become question marks. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, '?')
}
