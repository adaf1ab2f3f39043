import type { RecordStatus } from '../record/record-status.ts'
import type { VisitCommand, VisitLanguage, VisitView } from '../record/visit-view.ts'

/** What does not change while the kiosk runs. */
export interface PageFacts {
  readonly kiosk: string
  readonly site: string
  readonly languages: readonly VisitLanguage[]
  readonly timeZone: string
  /** Who is responsible for the data, and which text is agreed to. */
  readonly controller: string
  readonly consentVersion: string
}

/** Everything the page can do. `kiosk.ts` hands it over; the page has no other way to the kiosk. */
export interface Operations {
  readonly facts: PageFacts
  /** Called with every new view, and at once with the present one. Returns how to stop. */
  onView(listener: (view: VisitView) => void): () => void
  /** Called with each live image of a finger, a JPEG. Returns how to stop. */
  onPreview(listener: (jpeg: Uint8Array) => void): () => void
  /** What the person did; one that does not fit changes nothing. */
  command(command: VisitCommand): void
  /** Of the record that a receipt's code names. Undefined: not one of this kiosk. */
  recordStatus(recordId: string): Promise<RecordStatus | undefined>
}
