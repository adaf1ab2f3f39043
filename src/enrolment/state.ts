/** States, events and effects of a visit (visit.ts). */
import type { FingerException, FingerPosition } from '../record/finger-position.ts'
import type { Nik } from '../record/nik.ts'
import type { Hint } from '../record/submission.ts'
import type {
  Prompt,
  ReceiptState,
  StoreFault,
  VisitCommand,
  VisitLanguage,
  VisitNotice,
} from '../record/visit-view.ts'

export interface Plan {
  readonly positions: readonly FingerPosition[]
  readonly attemptsMax: number
  readonly wrongFingerAttemptsMax: number
  readonly consentVersion: string
}

/** What the machine may know of the world: `nowMs` is wall time. */
export interface Context {
  readonly plan: Plan
  readonly nowMs: number
}

export interface Consent {
  readonly at: string
  readonly version: string
  readonly language: VisitLanguage
}

/** A finger that needs nothing more. `sample` numbers what the runner holds. */
export type Finger =
  | {
      readonly position: FingerPosition
      readonly sample: number
      readonly score: number
      readonly attempts: number
      readonly forced: boolean
      /** It resembles another finger of this visit, and the person had their tries: for staff and ABIS. */
      readonly resembles?: { readonly position: FingerPosition; readonly score: number }
    }
  | { readonly position: FingerPosition; readonly exception: FingerException }

/** A person who agreed to be enrolled. */
export interface Person {
  readonly nik: Nik
  readonly consent: Consent
  readonly fingers: readonly Finger[]
  readonly hints: readonly Hint[]
}

export interface Best {
  readonly sample: number
  readonly score: number
  readonly good: boolean
  readonly resembles?: { readonly position: FingerPosition; readonly score: number }
}

/** The finger at `position`. `sample` is the one worked on, `best` what is kept if no better one comes. */
export interface CaptureState {
  readonly name: 'capture'
  readonly person: Person
  readonly position: FingerPosition
  readonly attempt: number
  readonly wrongFingers: number
  readonly prompt: Prompt
  readonly phase:
    | 'placing'
    | 'reading'
    | 'judging'
    | 'comparing'
    | 'searching'
    | 'sensor-fault'
    | 'unreadable'
  readonly sample?: number
  /** What the engine said of `sample`. */
  readonly judged?: Judgement
  readonly best?: Best
}

export interface Judgement {
  readonly good: boolean
  readonly score: number
  readonly reason: Extract<Prompt, { code: 'quality' }>['reason']
}

export interface Common {
  readonly visit: number
  /** The last call; an answer to another one is late. */
  readonly call: number
  /** The last timer; another one's end means nothing. */
  readonly timer: number
  readonly language: VisitLanguage
  readonly helpCalled: boolean
  /** Staff is with the person: they have more time. */
  readonly attended: boolean
  /** The person was asked whether they are still there. */
  readonly asked: boolean
}

export type Place =
  | { readonly name: 'idle'; readonly notice?: VisitNotice }
  | { readonly name: 'checking' }
  | { readonly name: 'identify'; readonly problem?: 'nik-digits' }
  | { readonly name: 'confirm'; readonly nik: Nik }
  | { readonly name: 'consent'; readonly nik: Nik }
  | CaptureState
  | { readonly name: 'review'; readonly person: Person }
  /** `leaving`: the person went while the disk was busy; nobody will look at the result. */
  | { readonly name: 'sealing'; readonly person: Person; readonly leaving: boolean }
  | { readonly name: 'store-fault'; readonly person: Person; readonly reason: StoreFault }
  | {
      readonly name: 'done'
      readonly recordId: string
      readonly nik: Nik
      readonly fingers: readonly Finger[]
      readonly receipt: ReceiptState
    }

export type State = Common & Place

export type Answer = { readonly visit: number; readonly call: number } & (
  | { readonly name: 'checked'; readonly store: 'ok' | 'full' | 'fault'; readonly sensor: boolean }
  | { readonly name: 'captured'; readonly sample: number }
  | { readonly name: 'capture-failed'; readonly fault: 'no-finger' | 'sensor' }
  | ({ readonly name: 'sampled' } & Judgement)
  | { readonly name: 'sample-failed'; readonly why: 'not-a-finger' | 'engine' }
  | { readonly name: 'compared'; readonly resembles?: { position: FingerPosition; score: number } }
  | { readonly name: 'searched'; readonly hints: readonly Hint[] }
  | { readonly name: 'paused' }
  | { readonly name: 'stored'; readonly recordId: string }
  | { readonly name: 'store-failed'; readonly reason: StoreFault }
  | { readonly name: 'printed' }
  | { readonly name: 'print-failed' }
)

export type Event =
  | Exclude<VisitCommand, { name: 'prefer' }>
  | Answer
  /** The sensor feels a finger while the call `during` goes on. */
  | { readonly visit: number; readonly name: 'contact'; readonly during: number }
  /** Staff has come. */
  | { readonly visit: number; readonly name: 'attended' }
  | { readonly visit: number; readonly name: 'timer'; readonly timer: number }

/** `call` numbers what is answered by an event. */
export type Effect =
  | { readonly name: 'check'; readonly call: number }
  | { readonly name: 'capture'; readonly call: number; readonly position: FingerPosition }
  | { readonly name: 'sample'; readonly call: number; readonly sample: number }
  | {
      readonly name: 'compare'
      readonly call: number
      readonly sample: number
      readonly others: readonly { readonly position: FingerPosition; readonly sample: number }[]
    }
  | {
      readonly name: 'search'
      readonly call: number
      readonly sample: number
      readonly position: FingerPosition
    }
  /** Wait a little before the sensor is tried again. */
  | { readonly name: 'pause'; readonly call: number }
  | { readonly name: 'enrol'; readonly call: number; readonly person: Person }
  | {
      readonly name: 'print'
      readonly call: number
      readonly recordId: string
      readonly nik: Nik
      readonly fingers: readonly Finger[]
      readonly language: VisitLanguage
    }
  /** Stop the call under way; its answer will be late. */
  | { readonly name: 'abort' }
  /** Zero one sample. */
  | { readonly name: 'forget'; readonly sample: number }
  /** Stop the call under way and zero every sample. */
  | { readonly name: 'wipe' }
  | { readonly name: 'call-staff' }
  | {
      readonly name: 'timer'
      readonly timer: number
      readonly length: 'idle' | 'attended' | 'count-down' | 'farewell'
    }
  | { readonly name: 'no-timer' }

export interface Step {
  readonly state: State
  readonly effects: readonly Effect[]
}

export function common({ visit, call, timer, language, helpCalled, attended, asked }: State): Common {
  return { visit, call, timer, language, helpCalled, attended, asked }
}

export function to(state: State, ...effects: Effect[]): Step {
  return { state, effects }
}

export function stay(state: State): Step {
  return { state, effects: [] }
}
