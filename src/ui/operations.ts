import type { RecordStatus, StatusFinding } from '../record/record-status.ts'
import type { Prompt, VisitCommand, VisitLanguage, VisitView } from '../record/visit-view.ts'
import type { HoursSettings } from '../settings/hours.ts'

/** What does not change while the kiosk runs. */
export interface PageFacts {
  readonly kiosk: string
  readonly site: string
  readonly languages: readonly VisitLanguage[]
  readonly timeZone: string
  /** When people are served. */
  readonly hours: HoursSettings
  /** Who is responsible for the data, and which text is agreed to. */
  readonly controller: string
  readonly consentVersion: string
  /** Staff have a PIN here. */
  readonly hasStaff: boolean
  /** As for visits: without a touch for so long the page asks, and after the count-down clears what is on it. */
  readonly idleAfterMs: number
  readonly countDownMs: number
  /** The same key again within this time is no other one. */
  readonly sameKeyAfterMs: number
}

/** What comes with the page, so that its first screen waits for nothing more. */
export interface FirstScreen {
  readonly facts: PageFacts
  readonly view: VisitView
}

/** What became of a PIN. `fault`: it could not be counted, and so does not count. */
export type StaffAnswer =
  | { readonly kind: 'wrong'; readonly triesLeft: number }
  | { readonly kind: 'locked'; readonly forMs: number }
  | { readonly kind: 'turn-key' | 'fault' }
  | { readonly kind: 'officer' }
  | { readonly kind: 'technician'; readonly session: string }

/** What a technician sees: names, counts and codes, nothing about a citizen. */
export interface ServiceView {
  readonly version: string
  readonly kiosk: string
  readonly parts: readonly {
    readonly name: string
    readonly kind: string
    readonly up: boolean
    readonly detail: string
  }[]
  readonly outbox: {
    readonly waiting: number
    readonly events: number
    readonly oldestAt?: string
    readonly lastReceiptAt?: string
    readonly isOnline: boolean
  }
  readonly setAside: readonly { readonly id: string; readonly sequence: number; readonly reason: string }[]
  /** As `tunggal doctor` prints them; only after a thorough look. */
  readonly checks?: readonly {
    readonly area: 'machine' | 'slots' | 'certificates' | 'store' | 'network' | 'parts'
    readonly check: string
    readonly ok: boolean
    readonly detail: string
    readonly remedy: string
  }[]
}

/** What a technician lets the kiosk do. `part`: the name of a printer. */
export type ServiceTask =
  | { readonly name: 'capture' }
  | { readonly name: 'print'; readonly part: string }
  /** Diagnostics onto a USB drive. */
  | { readonly name: 'export' }
  /** The whole machine starts again. */
  | { readonly name: 'reboot' }

export type TaskOutcome =
  | {
      readonly kind: 'captured'
      readonly widthPx: number
      readonly heightPx: number
      readonly resolutionDpi: number
      readonly captureMs: number
      /** 0…100, with its reason as the engine names it. */
      readonly quality: number
      readonly reason: string
      /** PNG, base64: to be shown and forgotten. */
      readonly picture: string
    }
  | { readonly kind: 'printed' | 'rebooting' }
  | { readonly kind: 'exported'; readonly file: string }
  /** Somebody is being enrolled; there is no USB drive; nobody restarts this machine. */
  | { readonly kind: 'visit' | 'no-drive' | 'no-reboot' }
  | { readonly kind: 'failed'; readonly code: string; readonly detail: string }

export interface StaffOperations {
  enter(pin: string): Promise<StaffAnswer>
  /** Undefined: the session has ended. */
  look(
    session: string,
    options: { readonly thoroughly: boolean },
    signal: AbortSignal,
  ): Promise<ServiceView | undefined>
  /** Undefined: the session has ended. */
  perform(session: string, task: ServiceTask, signal: AbortSignal): Promise<TaskOutcome | undefined>
  leave(session: string): void
}

/**
 * What comes of a NIK and a finger. `unknown`: no record here with both. `busy`: somebody is being enrolled, or asks
 * already. `too-many`: it was asked so often that this kiosk wants a pause. `fault`: the scanner, or what is behind it,
 * does not answer.
 */
export type FingerFinding =
  | { readonly kind: 'found'; readonly record: RecordStatus }
  | { readonly kind: 'unknown' | 'no-finger' | 'unreadable' | 'busy' | 'too-many' | 'fault' | 'bad-nik' }
  | { readonly kind: 'poor'; readonly reason: Extract<Prompt, { code: 'quality' }>['reason'] }

/**
 * What came of a print. `paper`: out, or its cover is open. `gone`: there is no such job any more. Whatever is not
 * printed stays for another try.
 */
export interface PrintOutcome {
  readonly kind: 'printed' | 'paper' | 'fault' | 'busy' | 'gone'
}

/** Everything the page can do. `kiosk.ts` hands it over; the page has no other way to the kiosk. */
export interface Operations {
  readonly facts: PageFacts
  /** Called with every new view, and at once with the present one. Returns how to stop. */
  onView(listener: (view: VisitView) => void): () => void
  /** Called with each live image of a finger, a JPEG. Returns how to stop. */
  onPreview(listener: (jpeg: Uint8Array) => void): () => void
  /** The page is there: it has shown this visit. Absent: nobody watches over the screen. */
  readonly painted?: (visit: number) => void
  /** What the person did; one that does not fit changes nothing. */
  command(command: VisitCommand): void
  /** Of the record that a receipt's code names: this kiosk's, or another's as far as the centre answers. */
  recordStatus(recordId: string, signal: AbortSignal): Promise<StatusFinding>
  /** Of the record that has this NIK and the finger that is placed now, while this kiosk keeps its templates. */
  recordStatusByFinger(
    nik: string,
    options: { readonly signal: AbortSignal; readonly onContact: () => void },
  ): Promise<FingerFinding>
  /** Prints what `recordStatus` offered for this record; without `job`, its slip. */
  print(recordId: string, job: string | undefined, language: VisitLanguage): Promise<PrintOutcome>
  /** Absent: this kiosk has no PINs. */
  readonly staff?: StaffOperations
}
