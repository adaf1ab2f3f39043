import { type GalleryScope, isInScope } from '../record/gallery-change.ts'

/** Of a NIK, which begins with the district where it was given. */
const DISTRICT_DIGITS = 6

/** Ids of records by the district that their NIK names. */
export class Regions {
  private readonly idsOf = new Map<string, Set<string>>()

  add(id: string, nik: string): void {
    const district = nik.slice(0, DISTRICT_DIGITS)
    const ids = this.idsOf.get(district) ?? new Set()
    this.idsOf.set(district, ids.add(id))
  }

  remove(id: string, nik: string): void {
    const district = nik.slice(0, DISTRICT_DIGITS)
    const ids = this.idsOf.get(district)
    ids?.delete(id)
    if (ids?.size === 0) this.idsOf.delete(district)
  }

  /** Those that are in every one of the scopes. */
  *within(scopes: readonly GalleryScope[]): Iterable<string> {
    for (const [district, ids] of this.idsOf)
      if (scopes.every(scope => isInScope(district, scope))) yield* ids
  }
}
