import type { VisitLanguage } from '../../record/visit-view.ts'
import { en } from './en.ts'
import { id } from './id.ts'

/** Indonesian is the original: the others have what it has. A new language is one file more. */
export type PageTexts = typeof id

export const pageTexts: Readonly<Record<VisitLanguage, PageTexts>> = { id, en }
