/** Nobody is enrolled much before the age of the card, 17. */
const AGE_MIN = 16

/** The year that two digits of a NIK most likely mean for somebody who is enrolled in `thisYear`. */
export function birthYear(yearOfCentury: number, thisYear: number): number {
  const latest = thisYear - AGE_MIN
  return latest - ((latest - yearOfCentury) % 100)
}
