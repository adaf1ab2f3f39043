/**
 * The fingers of a visit, one after the other: place, judge, compare with the fingers given before, keep
 * the best of a few tries, look it up in the local gallery, next.
 */
import { type FingerException, type FingerPosition, otherHand } from '../record/finger-position.ts'
import type { Prompt } from '../record/visit-view.ts'
import {
  type Best,
  type CaptureState,
  type Common,
  common,
  type Effect,
  type Event,
  type Finger,
  type Person,
  type Plan,
  type State,
  type Step,
  stay,
  to,
} from './state.ts'

type Capturing = Common & CaptureState

export function firstFinger(state: State, person: Person, plan: Plan): Step {
  return nextFinger(state, person, plan)
}

export function captureNext(state: Capturing, event: Event, plan: Plan): Step {
  switch (event.name) {
    case 'skip':
      return skip(state, [state.position], event.exception, plan)
    case 'skip-rest':
      return skip(state, openPositions(state.person, plan), event.exception, plan)
    case 'redo':
      if (!plan.positions.includes(event.position)) return stay(state)
      return afterDropping(state, redoFinger(state, state.person, event.position, plan))
    case 'retry':
      return retry(state)
    default:
      return answered(state, event, plan)
  }
}

/** The finger at `position` once more, whatever was kept or recorded of it. */
export function redoFinger(state: State, person: Person, position: FingerPosition, plan: Plan): Step {
  if (!plan.positions.includes(position)) return stay(state)
  const dropped = person.fingers.find(finger => finger.position === position)
  const without: Person = {
    ...person,
    fingers: person.fingers.filter(finger => finger !== dropped),
    hints: person.hints.filter(hint => hint.position !== position),
  }
  const step = ask(state, without, position)
  return dropped && 'sample' in dropped ? after([forget(dropped.sample)], step) : step
}

function answered(state: Capturing, event: Event, plan: Plan): Step {
  switch (state.phase) {
    case 'placing':
    case 'reading':
      if (event.name === 'contact') return stay({ ...state, phase: 'reading' })
      if (event.name === 'captured') return judge(state, event.sample)
      if (event.name !== 'capture-failed') return stay(state)
      return event.fault === 'no-finger' ? again(state, { code: 'no-finger' }) : sensorFault(state)
    case 'judging':
      if (event.name === 'sampled') {
        const { good, score, reason } = event
        return compare({ ...state, judged: { good, score, reason } })
      }
      if (event.name !== 'sample-failed') return stay(state)
      return noTemplate(state, event.why, plan)
    case 'comparing':
      if (event.name !== 'compared') return stay(state)
      return compared(state, event.resembles, plan)
    case 'searching':
      if (event.name !== 'searched') return stay(state)
      return keep(state, event.hints, plan)
    case 'sensor-fault':
      if (event.name !== 'paused') return stay(state)
      return again(state, state.prompt)
    case 'unreadable':
      return stay(state)
  }
}

function judge(state: Capturing, sample: number): Step {
  const call = state.call + 1
  return to({ ...state, call, phase: 'judging', sample }, { name: 'sample', call, sample })
}

function compare(state: Capturing): Step {
  const call = state.call + 1
  const others = state.person.fingers.flatMap(finger =>
    'sample' in finger ? [{ position: finger.position, sample: finger.sample }] : [],
  )
  return to({ ...state, call, phase: 'comparing' }, { name: 'compare', call, sample: state.sample!, others })
}

/** Another finger first: no quality makes the wrong finger the right one. */
function compared(state: Capturing, resembles: Best['resembles'], plan: Plan): Step {
  const sample = state.sample!
  const { good, score, reason } = state.judged!
  if (resembles !== undefined && state.wrongFingers < plan.wrongFingerAttemptsMax) {
    const prompt: Prompt = {
      code: 'wrong-finger',
      givenAs: resembles.position,
      otherHand: resembles.position === otherHand(state.position),
    }
    return after([forget(sample)], again({ ...state, wrongFingers: state.wrongFingers + 1 }, prompt))
  }
  const mine: Best = { sample, score, good, ...(resembles && { resembles }) }
  const best = state.best === undefined || betterThan(mine, state.best) ? mine : state.best
  const worse = best === mine ? state.best?.sample : sample
  const dropping = worse === undefined ? [] : [forget(worse)]
  if (good || state.attempt >= plan.attemptsMax) return after(dropping, search({ ...state, best }))
  const attempt = state.attempt + 1
  return after(dropping, again({ ...state, best, attempt }, { code: 'quality', reason, score }))
}

/** The right finger before the better image. */
function betterThan(a: Best, b: Best): boolean {
  const aRight = a.resembles === undefined
  if (aRight !== (b.resembles === undefined)) return aRight
  return a.score > b.score
}

/** A try that gave nothing to keep. */
function noTemplate(state: Capturing, why: 'not-a-finger' | 'engine', plan: Plan): Step {
  const dropping = [forget(state.sample!)]
  const prompt: Prompt =
    why === 'engine' ? { code: 'engine' } : { code: 'quality', reason: 'not-a-finger', score: 0 }
  if (state.attempt < plan.attemptsMax)
    return after(dropping, again({ ...state, attempt: state.attempt + 1 }, prompt))
  if (state.best !== undefined) return after(dropping, search(state))
  return to({ ...state, sample: undefined, phase: 'unreadable', prompt }, ...dropping)
}

function search(state: Capturing): Step {
  const call = state.call + 1
  const { sample } = state.best!
  return to(
    { ...state, call, phase: 'searching', sample: undefined },
    { name: 'search', call, sample, position: state.position },
  )
}

function keep(state: Capturing, hints: Person['hints'], plan: Plan): Step {
  const { sample, score, good, resembles } = state.best!
  const finger: Finger = {
    position: state.position,
    sample,
    score,
    attempts: state.attempt,
    forced: !good,
    ...(resembles && { resembles }),
  }
  const { person } = state
  return nextFinger(
    state,
    { ...person, fingers: [...person.fingers, finger], hints: [...person.hints, ...hints] },
    plan,
  )
}

function skip(
  state: Capturing,
  positions: readonly FingerPosition[],
  exception: FingerException,
  plan: Plan,
): Step {
  const excepted = positions.map(position => ({ position, exception }))
  const person = { ...state.person, fingers: [...state.person.fingers, ...excepted] }
  return afterDropping(state, nextFinger(state, person, plan))
}

function retry(state: Capturing): Step {
  if (state.phase === 'unreadable') return again({ ...state, attempt: 1 }, { code: 'place' })
  if (state.phase === 'sensor-fault') return after([{ name: 'abort' }], again(state, state.prompt))
  return stay(state)
}

function nextFinger(state: State, person: Person, plan: Plan): Step {
  const [position] = openPositions(person, plan)
  if (position !== undefined) return ask(state, person, position)
  return stay({ ...common(state), call: state.call + 1, name: 'review', person })
}

function openPositions(person: Person, plan: Plan): readonly FingerPosition[] {
  return plan.positions.filter(position => !person.fingers.some(finger => finger.position === position))
}

/** A finger from its first try. */
function ask(state: State, person: Person, position: FingerPosition): Step {
  const prompt: Prompt = { code: 'place' }
  return again(
    {
      ...common(state),
      name: 'capture',
      person,
      position,
      attempt: 1,
      wrongFingers: 0,
      prompt,
      phase: 'placing',
    },
    prompt,
  )
}

function again(state: Capturing, prompt: Prompt): Step {
  const call = state.call + 1
  return to(
    { ...state, call, phase: 'placing', prompt, sample: undefined, judged: undefined },
    { name: 'capture', call, position: state.position },
  )
}

function sensorFault(state: Capturing): Step {
  const call = state.call + 1
  return to({ ...state, call, phase: 'sensor-fault' }, { name: 'pause', call })
}

/** The finger under way is given up: its call stops, and what was held of it is zeroed. */
function afterDropping(state: Capturing, step: Step): Step {
  const held = new Set([state.sample, state.best?.sample])
  held.delete(undefined)
  return after([{ name: 'abort' }, ...[...held].map(sample => forget(sample!))], step)
}

function forget(sample: number): Effect {
  return { name: 'forget', sample }
}

function after(effects: readonly Effect[], step: Step): Step {
  return { state: step.state, effects: [...effects, ...step.effects] }
}
