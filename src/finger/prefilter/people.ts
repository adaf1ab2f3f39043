/** Whose finger it is, for a search by several of one person's fingers. */
export interface FingerOf {
  readonly person: string
  /** ISO code, 1…10. */
  readonly position: number
}

/** Numbers for people, 0 up. */
export class People {
  private readonly numbers = new Map<string, number>()
  private readonly names: string[] = []

  numberOf(person: string): number {
    let number = this.numbers.get(person)
    if (number === undefined) {
      number = this.names.push(person) - 1
      this.numbers.set(person, number)
    }
    return number
  }

  nameOf(number: number): string {
    return this.names[number]
  }
}
