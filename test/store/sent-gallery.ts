import { writeInterchange } from '../../src/finger/template/interchange.ts'
import { digestAfter, type GalleryChange, type GalleryPerson } from '../../src/record/gallery-change.ts'
import type { KioskStore } from '../../src/store/store.ts'
import { collect, template } from './fixture.ts'

/** Somebody with so many fingers, as the ABIS sends them; other fingers for another seed. */
export function person(id: string, { seed = 1, fingers = 2 } = {}): GalleryPerson {
  return {
    id,
    fingers: Array.from({ length: fingers }, (_, index) => {
      const position = index + 1
      const view = { position, impression: 0, quality: 80, template: template(10 * seed + index, 20) }
      return { position, template: Buffer.from(writeInterchange(view, 'iso2005')).toString('base64') }
    }),
  }
}

export function changeFrom(previous: string, { remove = [], add = [], ...rest }: Partial<GalleryChange>) {
  const change: GalleryChange = {
    previous,
    digest: digestAfter(previous, { remove, add }),
    remove,
    add,
    inScope: 10,
    complete: false,
    at: '2026-06-01T08:00:00.000Z',
    ...rest,
  }
  return change
}

/** Ids of those of whom something was sent, and how many fingers, as the store has it. */
export async function sentTo(store: KioskStore): Promise<Record<string, number>> {
  const people = await collect(store.sent.all())
  return Object.fromEntries(people.map(({ id, fingers }) => [id, fingers.length]))
}
