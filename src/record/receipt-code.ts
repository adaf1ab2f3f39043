import { recordIdSchema } from './submission.ts'

const PREFIX = 'tunggal:1:'

/** What the QR code of a citizen's receipt holds. It names the record, and nothing about the person. */
export function receiptCode(recordId: string): string {
  return PREFIX + recordId
}

/** The record that a scanned code names; undefined where it is none of ours. */
export function parseReceiptCode(text: string): string | undefined {
  if (!text.startsWith(PREFIX)) return undefined
  const parsed = recordIdSchema.safeParse(text.slice(PREFIX.length))
  return parsed.success ? parsed.data : undefined
}
