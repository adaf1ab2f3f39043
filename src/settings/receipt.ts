import { z } from 'zod'
import './meta.ts'

export const receiptSettings = z.strictObject({
  printTimeoutMs: z.int().min(1_000).max(120_000).default(20_000).meta({
    unit: 'ms',
    doc: 'How long the printer may take before the receipt is shown on screen instead.',
  }),
  refillMs: z.int().min(0).max(120_000).default(15_000).meta({
    unit: 'ms',
    doc: 'How long of that a receipt whose paper ended in its middle waits for a new roll; it is then printed whole.',
  }),
})
export type ReceiptSettings = z.infer<typeof receiptSettings>
