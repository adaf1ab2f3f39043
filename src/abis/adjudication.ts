/**
 * How people decide on a record that the ABIS cannot decide on. Two decide, each without knowing of the other's word;
 * where they differ a third does. Nobody decides twice.
 *
 * The question is always one: are these the fingers of one person? What follows depends on why it was asked.
 *
 *     asked because                     duplicate (the same person)       distinct (another person)
 *     resembles:<id>, other NIK         DUPLICATE_RECORD                  PRINT_READY_RECORD
 *     other-fingers-of-this-nik:<id>    PRINT_READY_RECORD (again here)   ENROLL_FAILURE_AT_CENTRAL
 *     no-fingers                        DUPLICATE_RECORD                  PRINT_READY_RECORD
 */
import { z } from 'zod'
import { duplicateReason, recordIdSchema } from '../record/submission.ts'
import type { Verdict } from './decide.ts'

/** As many as agree decide. */
const ALIKE_NEEDED = 2
const OTHER_FINGERS = 'other-fingers-of-this-nik'

const answers = ['duplicate', 'distinct'] as const
export type Answer = (typeof answers)[number]

/** A person's name as it stands in the log. */
export const personSchema = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{M}\p{N} .'_@-]{0,63}$/u, 'must be the name of a person, at most 64 signs')

/** One person's word on one record. Signed by the ABIS, with what it was about. */
export const decisionSchema = z.strictObject({
  id: recordIdSchema,
  /** Of the submission that was looked at. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Why a person was asked, as in the record's outcome. */
  reason: z.string().max(128),
  answer: z.enum(answers),
  by: personSchema,
  at: z.iso.datetime(),
})
export type Decision = z.infer<typeof decisionSchema>

/** The record that the one in question is compared with; undefined where there is none. */
export function candidateIn(reason: string | undefined): string | undefined {
  const id = reason?.slice(reason.indexOf(':') + 1)
  return recordIdSchema.safeParse(id).data
}

/** What they have decided together; undefined while another one has to. */
export function agreed(decisions: readonly Pick<Decision, 'answer'>[]): Answer | undefined {
  return answers.find(answer => decisions.filter(given => given.answer === answer).length >= ALIKE_NEEDED)
}

/** How many more have to decide at least: of a conflict one, who sees that there is one but not whose. */
export function wanted(decisions: readonly Pick<Decision, 'answer'>[]): number {
  if (agreed(decisions) !== undefined) return 0
  return Math.max(1, ALIKE_NEEDED - decisions.length)
}

/** Ani, "ani " and ANI are one person. */
export function samePerson(a: string, b: string): boolean {
  const plain = (name: string) => name.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase()
  return plain(a) === plain(b)
}

/** The outcome that follows. */
export function verdictOf(reason: string | undefined, answer: Answer): Verdict {
  const candidate = candidateIn(reason)
  if (reason?.startsWith(`${OTHER_FINGERS}:`))
    return answer === 'duplicate'
      ? { status: 'PRINT_READY_RECORD', reason: `enrolled-before:${candidate}` }
      : { status: 'ENROLL_FAILURE_AT_CENTRAL', reason: `other-person-of-this-nik:${candidate}` }
  if (answer === 'distinct') return { status: 'PRINT_READY_RECORD', reason: 'adjudicated' }
  return {
    status: 'DUPLICATE_RECORD',
    reason: candidate === undefined ? 'adjudicated' : duplicateReason(candidate),
  }
}
