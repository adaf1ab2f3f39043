import { createHash, randomInt } from 'node:crypto'
import { type Citizen, simulatedCitizen } from '../hal/sim/citizen.ts'

/** The same ten synthetic fingers for the same NIK, at another placement each time. */
export function citizenOfNik(nik: string): Citizen {
  const seed = createHash('sha256').update(nik).digest().readUInt32BE(0)
  return simulatedCitizen(seed, { visit: randomInt(1_000_000) })
}

/** A NIK that looks right, of nobody: Central Jakarta, born on a day of 1960 to 2008. */
export function someNik(): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const woman = randomInt(2) * 40
  const date = two(randomInt(1, 29) + woman) + two(randomInt(1, 13)) + two((1960 + randomInt(49)) % 100)
  return `317101${date}${String(randomInt(1, 10_000)).padStart(4, '0')}`
}
