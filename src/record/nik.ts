import { KioskError } from '../base/errors.ts'

/** A national identity number: 16 digits. Branded, so that nothing unchecked is taken for one. */
export type Nik = string & { readonly brand: 'Nik' }

/** Checks what is checked hard: length and digits. Throws `usage/bad-nik`, without the number. */
export function parseNik(text: string): Nik {
  if (!/^[0-9]{16}$/.test(text)) throw new KioskError('usage/bad-nik', { characters: text.length })
  return text as Nik
}

export type NikWarning = 'region' | 'birth-date' | 'serial'

/**
 * Parts of a NIK that look wrong (PPKKCC DDMMYY SSSS; women add 40 to the day). A warning only:
 * a NIK stays for life while regions are renumbered and birth dates corrected.
 */
export function nikWarnings(nik: Nik): readonly NikWarning[] {
  const warnings: NikWarning[] = []
  const part = (from: number, digits: number) => Number(nik.slice(from, from + digits))
  if (part(0, 2) < 11 || part(2, 2) === 0 || part(4, 2) === 0) warnings.push('region')
  const day = part(6, 2) > 40 ? part(6, 2) - 40 : part(6, 2)
  const month = part(8, 2)
  // Either century: only a day that no year's month has is wrong.
  const daysOfMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  if (month < 1 || month > 12 || day < 1 || day > daysOfMonth[month - 1]) warnings.push('birth-date')
  if (part(12, 4) === 0) warnings.push('serial')
  return warnings
}

/** For screens and paper: the last four digits, the rest as asterisks. */
export function maskNik(nik: Nik): string {
  return nik.slice(-4).padStart(nik.length, '*')
}

/** The date of birth that a NIK names, without its century; undefined where it names no date. */
export function birthDateOf(nik: Nik): { day: number; month: number; yearOfCentury: number } | undefined {
  if (nikWarnings(nik).includes('birth-date')) return undefined
  const day = Number(nik.slice(6, 8))
  return {
    day: day > 40 ? day - 40 : day,
    month: Number(nik.slice(8, 10)),
    yearOfCentury: Number(nik.slice(10, 12)),
  }
}
