import { KioskError } from '../../base/errors.ts'
import type { KioskRecord } from '../../record/record.ts'
import { recordIdSchema } from '../../record/submission.ts'
import type { Line } from '../command.ts'

/** A record as commands print it: everything but who it is. */
export function recordLine({ nik: _, ...record }: KioskRecord): Line {
  return record
}

/** One line for a person. */
export function recordText({
  id,
  sequence,
  status,
  history,
  reason,
  setAside,
  supersededBy,
}: KioskRecord): string {
  const notes = [
    reason,
    setAside && `set aside: ${setAside}`,
    supersededBy && `superseded by ${supersededBy}`,
  ].filter(note => note !== undefined)
  return [String(sequence).padStart(6), id, history.at(-1)?.at, status, ...notes].join('  ')
}

export function parseRecordId(text: string): string {
  const id = recordIdSchema.safeParse(text)
  if (!id.success) throw new KioskError('usage/bad-option', { why: `"${text}" is not the id of a record` })
  return id.data
}
