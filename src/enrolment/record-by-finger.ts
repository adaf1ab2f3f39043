import type { FingerprintSensor } from '../../hal/ports/fingerprint-sensor.ts'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Engine, QualityReason } from '../finger/engine.ts'
import type { Frame } from '../finger/image/frame.ts'
import type { Nik } from '../record/nik.ts'
import type { KioskRecord } from '../record/record.ts'
import type { Settings } from '../settings/settings.ts'
import type { Store } from '../store/ports.ts'
import type { VisitGallery } from './calls.ts'
import { withDeadline } from './deadline.ts'
import { zeroTemplate } from './samples.ts'

/**
 * A false match here shows somebody's status to somebody else who knows their NIK. One in 100,000 comparisons scores
 * this, and a record has ten fingers.
 */
const SCORE_MIN = 50
/** A finger that is the record's stands before all others in the gallery, but for people who enrolled again. */
const CANDIDATES_MAX = 50

export interface RecordByFingerParts {
  readonly sensor: FingerprintSensor
  readonly engine: Engine
  readonly gallery: VisitGallery
  readonly store: Pick<Store, 'recordsOf'>
  readonly clock: Clock
  readonly settings: Settings
}

export type RecordByFinger =
  | { readonly kind: 'found'; readonly record: KioskRecord }
  | { readonly kind: 'unknown' | 'no-finger' | 'unreadable' }
  | { readonly kind: 'poor'; readonly reason: QualityReason }

/**
 * The newest record of this NIK that has this finger, as far as this kiosk keeps its templates. The finger is asked for
 * whether or not there is a record: nobody learns from the kiosk whose NIK is enrolled. Nothing of it is kept. Rejects
 * with the sensor's codes, `finger/engine-stopped`, `kv/io`, and the reason of `signal`.
 */
export async function recordByFinger(
  parts: RecordByFingerParts,
  nik: Nik,
  { signal, onContact }: { readonly signal: AbortSignal; readonly onContact?: () => void },
): Promise<RecordByFinger> {
  const { sensor, settings } = parts
  let frame: Frame
  try {
    frame = await sensor.capture({ timeoutMs: settings.capture.timeoutMs, signal, onContact })
  } catch (error) {
    if (!(error instanceof KioskError)) throw error
    if (error.code === 'hal/no-finger') return { kind: 'no-finger' }
    if (error.code === 'hal/bad-capture') return { kind: 'unreadable' }
    throw error
  }
  try {
    return await recordWith(parts, nik, frame)
  } finally {
    frame.pixels.fill(0)
  }
}

async function recordWith(
  { engine, gallery, store, clock, settings }: RecordByFingerParts,
  nik: Nik,
  frame: Frame,
): Promise<RecordByFinger> {
  const { sampleTimeoutMs: timeoutMs } = settings.capture
  const late = () => new KioskError('finger/engine-stopped', { timeoutMs })
  try {
    const { quality, template } = await withDeadline(engine.sample(frame), {
      clock,
      timeoutMs,
      late,
      onLate: sample => zeroTemplate(sample.template),
    })
    try {
      const search = gallery.search(template, { limit: CANDIDATES_MAX, scoreMin: SCORE_MIN })
      const { candidates } = await withDeadline(Promise.resolve(search), { clock, timeoutMs, late })
      const ids = new Set(candidates.map(({ id }) => id.slice(0, id.indexOf('/'))))
      const record = (await store.recordsOf(nik)).find(({ id }) => ids.has(id))
      if (record !== undefined) return { kind: 'found', record }
      return quality.accept ? { kind: 'unknown' } : { kind: 'poor', reason: quality.reason }
    } finally {
      zeroTemplate(template)
    }
  } catch (error) {
    if (error instanceof KioskError && error.code === 'finger/not-a-finger') return { kind: 'unreadable' }
    throw error
  }
}
