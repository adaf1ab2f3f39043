/**
 * A visit: one person's way from the first touch to the receipt, as a pure state machine.
 *
 *     idle ─▶ checking ─▶ identify ─▶ confirm ─▶ consent ─▶ capture ⟲ ─▶ review ─▶ sealing ─▶ done ─▶ idle
 *                                                   (each finger)                     │▲
 *                                                                                store-fault
 *
 * Always true:
 * - Every event names its visit, every answer also the call it answers; another one changes nothing. So a
 *   late answer never decides for the next person, nor for the next finger.
 * - One call is under way at a time. Starting one, or stopping, makes the earlier one's answer late.
 * - Samples are numbers here; the runner holds their bytes. Every way to `idle` and `done` wipes them.
 * - `done` is reached only by `stored`: the record would survive the plug.
 * - Every state but `idle` has a timer or a deadline, so that nobody's data waits for somebody to come back.
 */
import { type Nik, parseNik } from '../record/nik.ts'
import type { VisitLanguage, VisitNotice } from '../record/visit-view.ts'
import { captureNext, firstFinger, redoFinger } from './capture-step.ts'
import { type Context, common, type Event, type Person, type State, type Step, stay, to } from './state.ts'

export function firstState(language: VisitLanguage): State {
  return {
    visit: 0,
    call: 0,
    timer: 0,
    language,
    helpCalled: false,
    attended: false,
    asked: false,
    name: 'idle',
  }
}

/** What happens next. Pure: the runner performs `effects` in order and reports back with events. */
export function next(state: State, event: Event, context: Context): Step {
  if (event.visit !== state.visit) return stay(state)
  if ('call' in event && event.call !== state.call) return stay(state)
  if (event.name === 'contact' && event.during !== state.call) return stay(state)
  if (event.name === 'timer') return event.timer === state.timer ? timeUp(state) : stay(state)
  const step = event.name === 'leave' ? leave(state, 'left') : within(state, event, context)
  return timed(state, step, event)
}

/** The transition itself; timers are added around it. */
function within(state: State, event: Exclude<Event, { name: 'timer' | 'leave' }>, context: Context): Step {
  if (state.name !== 'idle' && event.name === 'language') return stay({ ...state, language: event.language })
  if (event.name === 'help')
    return state.helpCalled ? stay(state) : to({ ...state, helpCalled: true }, { name: 'call-staff' })
  // Between visits it answers the call, and that is all.
  if (event.name === 'attended') return stay({ ...state, helpCalled: false, attended: state.name !== 'idle' })
  switch (state.name) {
    case 'idle':
      if (event.name !== 'begin') return stay(state)
      return begin(state, event.language)
    case 'checking':
      if (event.name !== 'checked') return stay(state)
      if (event.store !== 'ok') return end(state, event.store === 'full' ? 'store-full' : 'store-fault')
      if (!event.sensor) return end(state, 'no-sensor')
      return stay({ ...common(state), name: 'identify' })
    case 'identify':
      if (event.name !== 'nik') return stay(state)
      return identify(state, event.text)
    case 'confirm':
      if (event.name === 'back') return stay({ ...common(state), name: 'identify' })
      if (event.name !== 'confirm') return stay(state)
      return stay({ ...common(state), name: 'consent', nik: state.nik })
    case 'consent':
      if (event.name === 'back') return stay({ ...common(state), name: 'identify' })
      if (event.name !== 'consent') return stay(state)
      if (!event.agreed) return end(state, 'no-consent')
      return firstFinger(state, consenting(state, context), context.plan)
    case 'capture':
      return captureNext(state, event, context.plan)
    case 'review':
      if (event.name === 'redo') return redoFinger(state, state.person, event.position, context.plan)
      if (event.name !== 'submit') return stay(state)
      return seal(state, state.person)
    case 'sealing':
    case 'store-fault':
    case 'done':
      return afterReview(state, event)
  }
}

function afterReview(
  state: Extract<State, { name: 'sealing' | 'store-fault' | 'done' }>,
  event: Event,
): Step {
  switch (state.name) {
    case 'sealing':
      if (event.name === 'stored') return state.leaving ? end(state, 'left') : done(state, event.recordId)
      if (event.name !== 'store-failed') return stay(state)
      if (state.leaving) return end(state, 'left')
      return stay({ ...common(state), name: 'store-fault', person: state.person, reason: event.reason })
    case 'store-fault':
      // A slow disk may still come round: then the record is kept after all.
      if (state.reason === 'slow' && event.name === 'stored') return done(state, event.recordId)
      if (state.reason === 'slow' && event.name === 'store-failed')
        return stay({ ...state, reason: event.reason })
      // While a write is under way, a second one would be a second record.
      if (event.name !== 'retry' || state.reason === 'slow') return stay(state)
      return seal(state, state.person)
    case 'done':
      if (event.name === 'printed') return stay({ ...state, receipt: 'printed' })
      if (event.name === 'print-failed') return stay({ ...state, receipt: 'on-screen' })
      if (event.name !== 'retry' || state.receipt !== 'on-screen') return stay(state)
      return print(state)
  }
}

function begin(state: State, language: VisitLanguage): Step {
  const call = state.call + 1
  return to(
    { ...common(state), visit: state.visit + 1, call, language, helpCalled: false, name: 'checking' },
    { name: 'check', call },
  )
}

function identify(state: State, text: string): Step {
  try {
    return stay({ ...common(state), name: 'confirm', nik: parseNik(text) })
  } catch {
    return stay({ ...common(state), name: 'identify', problem: 'nik-digits' })
  }
}

function consenting(state: State & { nik: Nik }, { plan, nowMs }: Context): Person {
  const at = new Date(nowMs).toISOString()
  const consent = { at, version: plan.consentVersion, language: state.language }
  return { nik: state.nik, consent, fingers: [], hints: [] }
}

function seal(state: State, person: Person): Step {
  const call = state.call + 1
  return to(
    { ...common(state), call, name: 'sealing', person, leaving: false },
    { name: 'enrol', call, person },
  )
}

function done(state: State & { person: Person }, recordId: string): Step {
  const { nik, fingers } = state.person
  const step = print({ ...common(state), name: 'done', recordId, nik, fingers, receipt: 'printing' })
  return { state: step.state, effects: [{ name: 'wipe' }, ...step.effects] }
}

function print(state: Extract<State, { name: 'done' }>): Step {
  const call = state.call + 1
  const { recordId, nik, fingers, language } = state
  return to(
    { ...state, call, receipt: 'printing' },
    { name: 'print', call, recordId, nik, fingers, language },
  )
}

/** Away from the kiosk. While the disk writes, its answer is waited for: it comes within a deadline. */
function leave(state: State, notice: VisitNotice): Step {
  if (state.name === 'idle') return stay(state)
  if (state.name === 'sealing') return stay({ ...state, leaving: true })
  return state.name === 'done' ? end(state) : end(state, notice)
}

/** The only way back to `idle`: nothing of the person is left in the state, and the rest is wiped. */
function end(state: State, notice?: VisitNotice): Step {
  return to(
    {
      ...common(state),
      call: state.call + 1,
      helpCalled: false,
      attended: false,
      asked: false,
      name: 'idle',
      notice,
    },
    { name: 'wipe' },
  )
}

function timeUp(state: State): Step {
  if (state.name === 'idle' || state.name === 'sealing') return stay(state)
  if (state.name === 'done' || state.asked) return timed(state, leave(state, 'timed-out'))
  const timer = state.timer + 1
  return to({ ...state, asked: true, timer }, { name: 'timer', timer, length: 'count-down' })
}

/** Starts the timer anew where the state is another or somebody showed that they are there. */
function timed(before: State, step: Step, event?: Event): Step {
  const { state, effects } = step
  if (state.name === before.name && !(event && showsPresence(event))) return step
  if (state.name === 'idle' && before.name === 'idle') return step
  const timer = state.timer + 1
  if (state.name === 'idle' || state.name === 'sealing')
    return { state: { ...state, asked: false, timer }, effects: [...effects, { name: 'no-timer' }] }
  const length = state.name === 'done' ? 'farewell' : state.attended ? 'attended' : 'idle'
  return {
    state: { ...state, asked: false, timer },
    effects: [...effects, { name: 'timer', timer, length }],
  }
}

/** Commands, a finger on the sensor, and the end of printing: the receipt has to be taken. */
function showsPresence(event: Event): boolean {
  return (
    !('call' in event) ||
    event.name === 'captured' ||
    event.name === 'printed' ||
    event.name === 'print-failed'
  )
}
