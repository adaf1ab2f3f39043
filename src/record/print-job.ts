import { z } from 'zod'
import { recordIdSchema } from './submission.ts'

/** Of the document itself: a page of text and a photograph has a few hundred kB. */
export const PRINT_BYTES_MAX = 2 * 1024 * 1024
const TITLE_CHARACTERS_MAX = 60

/** What printers of pages and cards take, by the driver that we have. */
export const printFormats = ['application/pdf', 'image/jpeg', 'image/pwg-raster', 'image/urf'] as const
/** `card`: with it, the record's card is printed. */
export const printKinds = ['document', 'card'] as const

/** Something that the centre has a kiosk print for a citizen, against the receipt of their record. */
export const printJobSchema = z.strictObject({
  job: z.uuid({ version: 'v7' }),
  /** Of the record. */
  id: recordIdSchema,
  kind: z.enum(printKinds),
  /** For the citizen, in their language. */
  title: z.string().min(1).max(TITLE_CHARACTERS_MAX),
  format: z.enum(printFormats),
  /** PWG 5101.1 name of what it is printed on. */
  media: z.string().regex(/^[a-z0-9_.-]{3,80}$/),
  bytes: z.base64().max(Math.ceil(PRINT_BYTES_MAX / 3) * 4),
  at: z.iso.datetime(),
})
export type PrintJob = z.infer<typeof printJobSchema>

/** What a citizen is told of a job that waits for them. */
export type PrintOffer = Pick<PrintJob, 'job' | 'title' | 'kind'>
