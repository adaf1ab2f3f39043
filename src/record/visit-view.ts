/**
 * What a screen may know of a visit, and what a person may tell it: the words between enrolment and any
 * face it has (page, terminal). No template, no image, and the NIK only masked.
 */
import type { QualityReason } from '../finger/engine.ts'
import type { FingerException, FingerPosition } from './finger-position.ts'
import type { NikWarning } from './nik.ts'

export type VisitLanguage = 'id' | 'en'

/** Why a visit could not begin, or ended before a record was kept. */
export type VisitNotice = 'store-full' | 'store-fault' | 'no-sensor' | 'no-consent' | 'left' | 'timed-out'

/** What a kiosk cannot do now; it says so before a visit begins. */
export type KioskLimit = 'maintenance' | 'closed' | 'store-full' | 'store-fault' | 'no-sensor' | 'no-printer'

/** One instruction at a time. */
export type Prompt =
  | { readonly code: 'place' }
  | { readonly code: 'no-finger' }
  | { readonly code: 'quality'; readonly reason: QualityReason; readonly score: number }
  /** This is the finger that was given as `givenAs`, perhaps the same one of the other hand. */
  | { readonly code: 'wrong-finger'; readonly givenAs: FingerPosition; readonly otherHand: boolean }
  | { readonly code: 'engine' }

/**
 * `placing`: waits for the finger. `reading`: it is felt, and has to stay. `working`: it may be lifted. `sensor-fault`: tried again by itself.
 * `unreadable`: all tries are used and none gave a template; a person decides.
 */
export type CapturePhase = 'placing' | 'reading' | 'working' | 'sensor-fault' | 'unreadable'

export interface FingerProgress {
  readonly position: FingerPosition
  readonly state: 'waiting' | 'current' | 'kept' | 'excepted'
  readonly score?: number
  readonly forced?: boolean
  readonly exception?: FingerException
  /** For staff: it resembles the finger kept at this position. */
  readonly resembles?: FingerPosition
}

export type ReceiptState = 'printing' | 'printed' | 'on-screen'
export type StoreFault = 'full' | 'fault' | 'slow'

/** How a person wants the page; every visit begins with the defaults. */
export interface Preferences {
  /** 1: normal, 2: large, 3: largest. */
  readonly textSize: 1 | 2 | 3
  readonly highContrast: boolean
  readonly reducedMotion: boolean
  /** Everything on screen is spoken. */
  readonly speech: boolean
  /** 1: softest, 5: loudest. */
  readonly volume: 1 | 2 | 3 | 4 | 5
}

export const defaultPreferences: Preferences = {
  textSize: 1,
  highContrast: false,
  reducedMotion: false,
  speech: false,
  volume: 3,
}

interface ViewBase {
  /** Names the person at the kiosk. Every command has to say it. */
  readonly visit: number
  readonly language: VisitLanguage
  /** No connection to the centre: records are kept and sent later. */
  readonly offline: boolean
  readonly helpCalled: boolean
  /** Staff said that they are here. */
  readonly attended: boolean
  readonly limits: readonly KioskLimit[]
  readonly preferences: Preferences
  /** Headphones are plugged in: nobody else hears what is spoken. */
  readonly listensAlone: boolean
  /** Nobody touched anything for long: the visit ends in at most so long unless somebody does. */
  readonly stillThere?: { readonly countDownMs: number }
}

export type VisitView = ViewBase &
  (
    | { readonly step: 'idle'; readonly notice?: VisitNotice }
    | { readonly step: 'checking' }
    | { readonly step: 'identify'; readonly problem?: 'nik-digits' }
    | {
        readonly step: 'confirm'
        readonly nikMasked: string
        readonly warnings: readonly NikWarning[]
        /** As the NIK says; absent where it says no date. */
        readonly birthDate?: { readonly day: number; readonly month: number; readonly yearOfCentury: number }
      }
    | { readonly step: 'consent' }
    | {
        readonly step: 'capture'
        readonly position: FingerPosition
        readonly attempt: number
        readonly attemptsMax: number
        readonly phase: CapturePhase
        readonly prompt: Prompt
        /** The sensor shows live images. */
        readonly hasPreview: boolean
        readonly fingers: readonly FingerProgress[]
      }
    | { readonly step: 'review'; readonly fingers: readonly FingerProgress[] }
    | { readonly step: 'storing' }
    | { readonly step: 'store-fault'; readonly reason: StoreFault }
    | {
        readonly step: 'done'
        readonly recordId: string
        /** For a QR code on screen. */
        readonly code: string
        readonly receipt: ReceiptState
        readonly fingers: readonly FingerProgress[]
      }
  )

/** What a person does. A command of another visit than the present one does nothing. */
export type VisitCommand = { readonly visit: number } & (
  | { readonly name: 'begin'; readonly language: VisitLanguage }
  | { readonly name: 'language'; readonly language: VisitLanguage }
  | { readonly name: 'nik'; readonly text: string }
  | { readonly name: 'confirm' }
  | { readonly name: 'back' }
  | { readonly name: 'consent'; readonly agreed: boolean }
  | { readonly name: 'skip'; readonly exception: FingerException }
  | { readonly name: 'skip-rest'; readonly exception: FingerException }
  | { readonly name: 'redo'; readonly position: FingerPosition }
  | { readonly name: 'retry' }
  | { readonly name: 'submit' }
  | { readonly name: 'help' }
  | { readonly name: 'keep-alive' }
  | { readonly name: 'leave' }
  /** Possible before a visit begins, too. */
  | ({ readonly name: 'prefer' } & Partial<Preferences>)
)
export type VisitCommandName = VisitCommand['name']
