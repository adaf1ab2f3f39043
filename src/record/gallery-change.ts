/**
 * The part of everybody's templates that one kiosk searches (DESIGN § 4.3, `…/gallery`): the people of its scope, as the
 * ABIS has them in its own search.
 *
 *     kiosk ─▶ query    what I hold (by its digest), for whom, and how much of it I take
 *     ABIS  ─▶ gallery  from that digest to the next: whom to forget, whom to add
 *     kiosk ─▶ query    what I hold now …                                            until it is complete
 *
 * Each change names the digest before and after it, so that none is applied twice, left out or exchanged. A kiosk that
 * holds nothing, or something that the ABIS does not know, begins from its question, which nobody asked before: what
 * was sent once is no beginning a second time.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { REGION_CODE, REGION_CODES_MAX } from '../base/region-code.ts'
import { querySchema, recordIdSchema, TEMPLATE_BASE64_MAX } from './submission.ts'

const REMOVED_MAX = 2_000
const ADDED_MAX = 500
/** Characters of the templates in one change. Sealed it is not twice as long: what a slow line still carries. */
const TEMPLATES_CHARS_MAX = 128 * 1024
const INSIDE_MAX = 1_000_000_000

const digestSchema = z.string().regex(/^[0-9a-f]{64}$/)
const countSchema = z.int().min(0).max(INSIDE_MAX)

/** Region codes that a NIK may begin with. */
export const galleryScopeSchema = z.array(z.string().regex(REGION_CODE)).max(REGION_CODES_MAX)
export type GalleryScope = z.infer<typeof galleryScopeSchema>

/** Goes as a query. */
export const galleryQuestionSchema = z.strictObject({
  question: z.uuid(),
  at: z.iso.datetime(),
  gallery: z.strictObject({
    /** Of what the kiosk holds; absent: nothing. */
    digest: digestSchema.optional(),
    scope: galleryScopeSchema,
    /** Templates that it takes. */
    fingersMax: countSchema,
  }),
})
export type GalleryQuestion = z.infer<typeof galleryQuestionSchema>

/** Whatever a kiosk asks the ABIS. */
export const anyQuerySchema = z.union([querySchema, galleryQuestionSchema])
export type AnyQuery = z.infer<typeof anyQuerySchema>

const personSchema = z.strictObject({
  /** Of the record. */
  id: recordIdSchema,
  fingers: z
    .array(
      z.strictObject({
        position: z.int().min(1).max(10),
        /** ISO/IEC 19794-2:2005 record. */
        template: z.base64().min(4).max(TEMPLATE_BASE64_MAX),
      }),
    )
    .min(1)
    .max(10)
    .refine(fingers => isEachOnce(fingers.map(({ position }) => position)), 'a position stands twice'),
})
export type GalleryPerson = z.infer<typeof personSchema>

export const galleryChangeSchema = z.strictObject({
  /** What it begins from: the digest of what the kiosk holds; or the kiosk's question: then from nothing. */
  previous: z.union([digestSchema, z.uuid()]),
  /** Of what the kiosk holds after it. */
  digest: digestSchema,
  /** Ids of records. Before `add`. */
  remove: z.array(recordIdSchema).max(REMOVED_MAX),
  add: z
    .array(personSchema)
    .max(ADDED_MAX)
    .refine(people => isEachOnce(people.map(({ id }) => id)), 'a record stands twice'),
  /** Templates in the kiosk's scope. More than it takes: nobody is added. */
  inScope: countSchema,
  /** Nothing more is to come. */
  complete: z.boolean(),
  at: z.iso.datetime(),
})
export type GalleryChange = z.infer<typeof galleryChangeSchema>

type Content = Pick<GalleryChange, 'remove' | 'add'>

/** The digest after a change. What changes nothing leaves it as it was; the first one has to be made. */
export function digestAfter(previous: string, { remove, add }: Content): string {
  if (remove.length + add.length === 0 && digestSchema.safeParse(previous).success) return previous
  // In an order of our own, whatever that of the names was when it came.
  const people = add.map(({ id, fingers }) => [
    id,
    fingers.map(({ position, template }) => [position, template]),
  ])
  return createHash('sha256')
    .update(JSON.stringify([previous, remove, people]))
    .digest('hex')
}

/** As many as one change may hold, in their order; at least one of those that there are. */
export class ChangeContent implements Content {
  readonly remove: string[] = []
  readonly add: GalleryPerson[] = []
  private chars = 0

  /** False: it is full. */
  forget(id: string): boolean {
    if (this.remove.length >= REMOVED_MAX) return false
    this.remove.push(id)
    return true
  }

  /** False: it is full. */
  include(person: GalleryPerson): boolean {
    const chars = person.fingers.reduce((sum, { template }) => sum + template.length, 0)
    const isFull = this.add.length >= ADDED_MAX || this.chars + chars > TEMPLATES_CHARS_MAX
    if (isFull && this.add.length > 0) return false
    this.add.push(person)
    this.chars += chars
    return true
  }
}

export function isInScope(nik: string, scope: GalleryScope): boolean {
  return scope.some(code => nik.startsWith(code))
}

function isEachOnce(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length
}
