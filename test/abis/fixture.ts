import { v7 } from 'uuid'
import type { Submission } from '../../src/record/submission.ts'
import { nik } from '../store/fixture.ts'

/** Of nobody, without a finger: for what does not depend on them. */
export function fingerless(
  sequence: number,
  { id = v7(), kiosk = 'kiosk-1', at = '2026-01-01T07:00:00.000Z' } = {},
): Submission {
  return {
    id,
    kiosk,
    sequence,
    bootEpoch: '0123456789abcdef',
    modality: 'finger',
    nik: nik(sequence),
    capturedAt: at,
    consent: { at, version: '1', language: 'id' },
    fingers: [{ position: 1, exception: 'missing' }],
    hints: [],
  }
}
