import assert from 'node:assert'
import { birthDateOf, maskNik, nikWarnings } from '../record/nik.ts'
import { receiptCode } from '../record/receipt-code.ts'
import type { FingerProgress, KioskLimit, Preferences, VisitView } from '../record/visit-view.ts'
import type { Finger, Person, Plan, State } from './state.ts'

export interface ViewContext {
  readonly plan: Plan
  readonly offline: boolean
  readonly limits: readonly KioskLimit[]
  readonly preferences: Preferences
  readonly listensAlone: boolean
  readonly countDownMs: number
  readonly hasPreview: boolean
}

/** What a screen may show of a state. Pure. */
export function viewOf(state: State, context: ViewContext): VisitView {
  const { plan, hasPreview, countDownMs, offline, limits, preferences, listensAlone } = context
  const { visit, language, helpCalled, attended, asked } = state
  const base = {
    visit,
    language,
    helpCalled,
    attended,
    offline,
    limits,
    preferences,
    listensAlone,
    ...(asked && { stillThere: { countDownMs } }),
  }
  switch (state.name) {
    case 'idle':
      return { ...base, step: 'idle', ...(state.notice && { notice: state.notice }) }
    case 'checking':
    case 'consent':
      return { ...base, step: state.name }
    case 'identify':
      return { ...base, step: 'identify', ...(state.problem && { problem: state.problem }) }
    case 'confirm': {
      const birthDate = birthDateOf(state.nik)
      const warnings = nikWarnings(state.nik)
      return {
        ...base,
        step: 'confirm',
        nikMasked: maskNik(state.nik),
        warnings,
        ...(birthDate && { birthDate }),
      }
    }
    case 'capture': {
      const { position, attempt, prompt, phase } = state
      return {
        ...base,
        step: 'capture',
        position,
        attempt,
        attemptsMax: plan.attemptsMax,
        phase: phase === 'judging' || phase === 'comparing' || phase === 'searching' ? 'working' : phase,
        prompt,
        hasPreview,
        fingers: progress(plan, state.person, position),
      }
    }
    case 'review':
      return { ...base, step: 'review', fingers: progress(plan, state.person) }
    case 'sealing':
      return { ...base, step: 'storing' }
    case 'store-fault':
      return { ...base, step: 'store-fault', reason: state.reason }
    case 'done': {
      const { recordId, receipt } = state
      const fingers = progress(plan, state)
      return { ...base, step: 'done', recordId, code: receiptCode(recordId), receipt, fingers }
    }
  }
}

function progress(
  plan: Plan,
  { fingers }: Pick<Person, 'fingers'>,
  current?: number,
): readonly FingerProgress[] {
  return plan.positions.map(position => {
    const finger = fingers.find(finger => finger.position === position)
    if (finger !== undefined) return finished(finger)
    return { position, state: position === current ? 'current' : 'waiting' }
  })
}

function finished(finger: Finger): FingerProgress {
  const { position } = finger
  if ('exception' in finger) return { position, state: 'excepted', exception: finger.exception }
  const { score, forced, resembles } = finger
  assert(score >= 0 && score <= 100)
  return { position, state: 'kept', score, forced, ...(resembles && { resembles: resembles.position }) }
}
