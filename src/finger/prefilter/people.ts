/** Whose finger it is, for a search by several of one person's fingers. */
export interface FingerOf {
  readonly person: string
  /** ISO code, 1…10. */
  readonly position: number
}

/** Which slot holds which finger of whom. */
export class People {
  private readonly indices = new Map<string, number>()
  private readonly names: string[] = []
  /** By position, then by the person's index; -1 where the finger is not there. */
  private readonly slots = new Map<number, number[]>()

  /** Indices are below this. */
  get count(): number {
    return this.names.length
  }

  nameOf(index: number): string {
    return this.names[index]
  }

  add({ person, position }: FingerOf, slot: number): void {
    let index = this.indices.get(person)
    if (index === undefined) {
      index = this.names.length
      this.names.push(person)
      this.indices.set(person, index)
    }
    let column = this.slots.get(position)
    if (column === undefined) this.slots.set(position, (column = []))
    while (column.length <= index) column.push(-1)
    column[index] = slot
  }

  remove({ person, position }: FingerOf): void {
    const index = this.indices.get(person)
    const column = this.slots.get(position)
    if (index !== undefined && column !== undefined) column[index] = -1
  }

  slotOf({ person, position }: FingerOf): number | undefined {
    const slot = this.slots.get(position)?.[this.indices.get(person) ?? -1]
    return slot === undefined || slot < 0 ? undefined : slot
  }

  forEachFinger(position: number, take: (person: number, slot: number) => void): void {
    this.slots.get(position)?.forEach((slot, person) => {
      if (slot >= 0) take(person, slot)
    })
  }
}
