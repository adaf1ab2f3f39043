import type { VisitLanguage } from '../../record/visit-view.ts'
import { en } from './en.ts'
import { id } from './id.ts'

/** Indonesian is the original: the others have what it has. A new language is one file more. */
export type ReceiptTexts = typeof id

export const receiptTexts: Readonly<Record<VisitLanguage, ReceiptTexts>> = { id, en }
