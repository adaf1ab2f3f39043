import assert from 'node:assert'
import { encodePng } from '../finger/image/encode-png.ts'
import { writeInterchange } from '../finger/template/interchange.ts'
import type { Hint, Submission, SubmittedFinger, SubmittedSensor } from '../record/submission.ts'
import type { Sample } from './samples.ts'
import type { Finger, Person } from './state.ts'

/** ISO/IEC 19794-2 table 5: a live scan of a finger laid down, not rolled. */
const LIVE_SCAN_PLAIN = 0

export interface SubmissionParts {
  readonly id: string
  readonly kiosk: string
  readonly capturedAt: string
  readonly person: Person
  readonly includeImage: boolean
  readonly sensor?: SubmittedSensor
  readonly numbers: { readonly sequence: number; readonly bootEpoch: string; readonly supersedes?: string }
  /** The sample behind a number of the visit. */
  sampleOf(number: number): Sample | undefined
}

/** What is sealed for the ABIS (DESIGN § 4.4): fingers by position, then what they resemble. */
export function buildSubmission(parts: SubmissionParts): Submission {
  const { id, kiosk, capturedAt, person, numbers, sensor } = parts
  const fingers = person.fingers.toSorted((a, b) => a.position - b.position)
  return {
    id,
    kiosk,
    sequence: numbers.sequence,
    bootEpoch: numbers.bootEpoch,
    modality: 'finger',
    nik: person.nik,
    capturedAt,
    consent: { ...person.consent },
    fingers: fingers.map(finger => submitted(finger, parts)),
    hints: [...fingers.flatMap(finger => hintsOfVisit(id, finger)), ...person.hints],
    ...(sensor && { sensor }),
    ...(numbers.supersedes !== undefined && { supersedes: numbers.supersedes }),
  }
}

function submitted(finger: Finger, { includeImage, sampleOf }: SubmissionParts): SubmittedFinger {
  if ('exception' in finger) return { position: finger.position, exception: finger.exception }
  const sample = sampleOf(finger.sample)
  assert(sample?.template)
  const { position, score, attempts, forced } = finger
  const view = { position, impression: LIVE_SCAN_PLAIN, quality: score, template: sample.template }
  return {
    position,
    impression: LIVE_SCAN_PLAIN,
    quality: score,
    attempts,
    forced,
    template: base64(writeInterchange(view, 'iso2005')),
    ...(includeImage && { image: base64(encodePng(sample.frame)) }),
  }
}

/** A finger that resembles another of this visit names this very record: the ABIS should look at both. */
function hintsOfVisit(id: string, finger: Finger): readonly Hint[] {
  if (!('sample' in finger) || finger.resembles === undefined) return []
  const { position, score } = finger.resembles
  return [{ position: finger.position, candidate: templateId(id, position), score }]
}

/** How a template is named in the gallery and in hints. */
export function templateId(recordId: string, position: number): string {
  return `${recordId}/${position}`
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
