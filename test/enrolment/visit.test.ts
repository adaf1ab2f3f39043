/**
 * Goal: whatever happens in whatever order, nothing but this visit's own samples gets into a record, "done"
 * is only shown for a durable one, everybody can leave at any moment, and nothing stays of those who left.
 * Method: a plan of two fingers with two tries each has few enough states to walk all of them with all
 * events, in time and late. Beside the machine runs a model of what the runner holds: samples, the call
 * under way, the timer.
 */
import t from 'tap'
import type { Context, Event, Finger, Person, Plan, State, Step } from '../../src/enrolment/state.ts'
import { firstState, next } from '../../src/enrolment/visit.ts'

const plan: Plan = {
  positions: [2, 7],
  attemptsMax: 2,
  wrongFingerAttemptsMax: 1,
  consentVersion: 'test-1',
}
const context: Context = { plan, nowMs: Date.UTC(2026, 0, 1) }
const NIK = '3171234567890001'
const RECORD_ID = '0190f0f0-0000-7000-8000-000000000000'

/** What a runner would hold after performing every effect so far. */
interface Model {
  readonly samples: ReadonlySet<number>
  readonly calling: number | undefined
  readonly timer: number | undefined
  readonly added: number
}

function perform(model: Model, event: Event, { effects }: Step): Model {
  const samples = new Set(model.samples)
  let { calling, timer, added } = model
  if ('call' in event && event.call === calling) calling = undefined
  if (event.name === 'captured') {
    samples.add(event.sample)
    added = event.sample
  }
  for (const effect of effects) {
    if (effect.name === 'forget') samples.delete(effect.sample)
    if (effect.name === 'wipe') samples.clear()
    if (effect.name === 'wipe' || effect.name === 'abort') calling = undefined
    if (effect.name === 'timer') timer = effect.timer
    if (effect.name === 'no-timer') timer = undefined
    if ('call' in effect) calling = effect.call
  }
  return { samples, calling, timer, added }
}

/** Everything that anybody could say now; `call` and `visit` may be those of the past. */
function events(state: State, model: Model, visit = state.visit, call = state.call): Event[] {
  const answer = { visit, call }
  const captured: Event = { ...answer, name: 'captured', sample: model.added + 1 }
  const all: Event[] = [
    { visit, name: 'begin', language: 'id' },
    { visit, name: 'nik', text: NIK },
    { visit, name: 'nik', text: '123' },
    { visit, name: 'confirm' },
    { visit, name: 'back' },
    { visit, name: 'consent', agreed: true },
    { visit, name: 'consent', agreed: false },
    { visit, name: 'skip', exception: 'missing' },
    { visit, name: 'skip-rest', exception: 'missing' },
    { visit, name: 'redo', position: 2 },
    { visit, name: 'redo', position: 1 },
    { visit, name: 'retry' },
    { visit, name: 'submit' },
    { visit, name: 'keep-alive' },
    { visit, name: 'leave' },
    { visit, name: 'timer', timer: state.timer },
    { ...answer, name: 'checked', store: 'ok', sensor: true },
    { ...answer, name: 'checked', store: 'ok', sensor: false },
    { ...answer, name: 'checked', store: 'full', sensor: true },
    captured,
    { visit, name: 'contact', during: call },
    { visit, name: 'attended' },
    { ...answer, name: 'capture-failed', fault: 'no-finger' },
    { ...answer, name: 'capture-failed', fault: 'sensor' },
    { ...answer, name: 'sampled', good: true, score: 80, reason: 'ok' },
    { ...answer, name: 'sampled', good: false, score: 30, reason: 'too-dry' },
    { ...answer, name: 'sampled', good: false, score: 20, reason: 'too-dry' },
    { ...answer, name: 'sample-failed', why: 'not-a-finger' },
    { ...answer, name: 'sample-failed', why: 'engine' },
    { ...answer, name: 'compared' },
    { ...answer, name: 'compared', resembles: { position: 2, score: 90 } },
    { ...answer, name: 'searched', hints: [] },
    { ...answer, name: 'paused' },
    { ...answer, name: 'stored', recordId: RECORD_ID },
    { ...answer, name: 'store-failed', reason: 'full' },
    { ...answer, name: 'store-failed', reason: 'slow' },
    { ...answer, name: 'printed' },
    { ...answer, name: 'print-failed' },
  ]
  return all.filter(possible(state, model))
}

/** A call that is not under way is not answered; the machine need not guard against its own runner. */
function possible(state: State, model: Model): (event: Event) => boolean {
  return event => {
    const call = 'call' in event ? event.call : event.name === 'contact' ? event.during : undefined
    return call !== state.call || model.calling === state.call
  }
}

/** Which answers the call that was started may have. */
function answers(state: State): readonly string[] {
  switch (state.name) {
    case 'checking':
      return ['checked']
    case 'capture':
      return {
        placing: ['captured', 'capture-failed'],
        reading: ['captured', 'capture-failed'],
        judging: ['sampled', 'sample-failed'],
        comparing: ['compared'],
        searching: ['searched'],
        'sensor-fault': ['paused'],
        unreadable: [],
      }[state.phase]
    case 'sealing':
      return ['stored', 'store-failed']
    case 'store-fault':
      return state.reason === 'slow' ? ['stored', 'store-failed'] : []
    case 'done':
      return state.receipt === 'printing' ? ['printed', 'print-failed'] : []
    default:
      return []
  }
}

const personOf = (state: State): Person | undefined => ('person' in state ? state.person : undefined)
const samplesOf = (fingers: readonly Finger[]) =>
  fingers.flatMap(finger => ('sample' in finger ? [finger.sample] : []))

/** Numbers that only grow are made relative and what is only shown is left out: equal situations are one. */
function keyOf(state: State): string {
  const numbers = new Map<number, number>()
  return JSON.stringify({ ...state, visit: 0, call: 0, timer: 0 }, (key, value) => {
    // Staff who are there give more time, and that is all.
    if (key === 'prompt' || key === 'notice' || key === 'attended') return undefined
    if (key !== 'sample') return value
    if (!numbers.has(value)) numbers.set(value, numbers.size)
    return numbers.get(value)
  })
}

interface Seen {
  readonly state: State
  readonly model: Model
}

/** Calls `look` on each step of each reachable state. A slow disk answers twice, so its call stays open. */
function walk(look: (before: Seen, event: Event, step: Step, model: Model) => void): readonly Seen[] {
  const nothing: Model = { samples: new Set(), calling: undefined, timer: undefined, added: 0 }
  const seen = new Map<string, Seen>()
  const open: Seen[] = [{ state: firstState('id'), model: nothing }]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(keyOf(at.state))) continue
    seen.set(keyOf(at.state), at)
    for (const event of events(at.state, at.model)) {
      if ('call' in event && !answers(at.state).includes(event.name)) continue
      const step = next(at.state, event, context)
      const after = perform(at.model, event, step)
      const slow = event.name === 'store-failed' && event.reason === 'slow'
      const model = slow && step.state.name === 'store-fault' ? { ...after, calling: step.state.call } : after
      look(at, event, step, model)
      open.push({ state: step.state, model })
    }
  }
  return [...seen.values()]
}

t.test('every way through a visit keeps what is promised', async t => {
  let kept = 0
  let forced = 0
  let done = 0
  const fail = (what: string, ...where: unknown[]) => {
    throw new Error(`${what}: ${JSON.stringify(where)}`)
  }
  const states = walk(({ state: before, model: held }, event, { state, effects }, model) => {
    const wiped = effects.some(effect => effect.name === 'wipe')

    // Samples: what the state names is held, and nothing else is.
    const named = new Set(samplesOf(personOf(state)?.fingers ?? []))
    if (state.name === 'capture')
      for (const sample of [state.sample, state.best?.sample]) if (sample !== undefined) named.add(sample)
    if (JSON.stringify([...named].sort()) !== JSON.stringify([...model.samples].sort()))
      fail('samples held are not those of the state', before, event, state, [...model.samples])

    // A finger gets in by its own search, or as an exception that a person chose.
    const had = personOf(before)?.fingers ?? []
    for (const finger of personOf(state)?.fingers ?? []) {
      if (had.includes(finger)) continue
      if ('exception' in finger) {
        if (event.name !== 'skip' && event.name !== 'skip-rest') fail('an exception came by itself', event)
        continue
      }
      kept++
      if (finger.forced) forced++
      if (before.name !== 'capture' || event.name !== 'searched') return fail('a finger was kept', event)
      if (event.visit !== before.visit || event.call !== before.call) fail('by a late answer', event)
      if (finger.position !== before.position || finger.sample !== before.best?.sample)
        fail('another sample was kept than the best of this finger', before, finger)
      if (!held.samples.has(finger.sample)) fail('a sample was kept that is not there', finger)
      if (finger.forced !== finger.score < 80) fail('forced is not what it says', finger)
      if (finger.forced && finger.attempts < plan.attemptsMax) fail('forced before the last try', finger)
      if (finger.resembles && before.wrongFingers < plan.wrongFingerAttemptsMax)
        fail('a wrong finger was kept before the person was asked', finger)
    }

    // A record is made of all fingers of the plan, once each.
    for (const effect of effects) {
      if (effect.name !== 'enrol') continue
      if (event.name !== 'submit' && event.name !== 'retry') fail('enrolled without being told', event)
      const positions = effect.person.fingers.map(finger => finger.position).sort()
      if (positions.join() !== '2,7') fail('a record lacks fingers', positions)
    }

    // "Done" is a durable record.
    if (state.name === 'done' && before.name !== 'done') {
      done++
      if (event.name !== 'stored' || !wiped) fail('done is shown for nothing', before, event)
    }

    // Leaving takes everything along.
    if (state.name === 'idle' && before.name !== 'idle') {
      if (!wiped) fail('somebody left and was not wiped', before, event)
      if ('nik' in state || 'person' in state || state.helpCalled || state.attended)
        fail('something is left', state)
    }

    // The call that the state waits for is under way, and no other; the timer that it waits for runs.
    const waited = answers(state).length > 0 ? state.call : undefined
    if (model.calling !== waited) fail('call and state differ', before, event, state, model.calling)
    const untimed = state.name === 'idle' || state.name === 'sealing'
    if (model.timer !== (untimed ? undefined : state.timer))
      fail('timer and state differ', before, event, state)
  })
  t.ok(kept > forced && forced > 0 && done > 0, 'the walk does reach kept, forced and done')
  const names = new Set(states.map(({ state }) => (state.name === 'capture' ? state.phase : state.name)))
  t.equal(names.size, 16, [...names].join())
  t.comment(`${states.length} states`)
})

const everyState = walk(() => {})

t.test('an answer of another call, visit or timer changes nothing, in any state', async t => {
  let late = 0
  for (const { state, model } of everyState) {
    const lateEvents = [
      ...events(state, model, state.visit, state.call - 1).filter(
        event => 'call' in event || event.name === 'contact',
      ),
      ...events(state, model, state.visit - 1),
      { visit: state.visit, name: 'timer', timer: state.timer - 1 } as const,
    ]
    for (const event of lateEvents) {
      late++
      const step = next(state, event, context)
      if (step.state !== state || step.effects.length > 0) t.fail('a late answer counted', { state, event })
    }
  }
  t.ok(late > everyState.length)
})

t.test('every state has a way out by a touch, and by nobody touching anything', async t => {
  const drive = (state: State, ...names: ('leave' | 'timer' | 'stored')[]) =>
    names.reduce((at, name) => {
      const { visit, call, timer } = at
      const event: Event =
        name === 'leave'
          ? { visit, name }
          : name === 'timer'
            ? { visit, name, timer }
            : { visit, call, name, recordId: RECORD_ID }
      return next(at, event, context).state
    }, state)
  for (const { state } of everyState) {
    const touch = state.name === 'sealing' ? drive(state, 'leave', 'stored') : drive(state, 'leave')
    if (touch.name !== 'idle') t.fail('a touch does not end it', state)
    const alone = state.name === 'sealing' ? drive(state, 'stored', 'timer') : drive(state, 'timer', 'timer')
    if (alone.name !== 'idle') t.fail('it waits for somebody', state)
  }
  t.ok(everyState.length > 100)
})

t.test('one touch during the count-down is enough to stay', async t => {
  let countDowns = 0
  for (const { state } of everyState) {
    if (!state.asked || state.name === 'idle' || state.name === 'sealing') continue
    const { state: stayed, effects } = next(state, { visit: state.visit, name: 'keep-alive' }, context)
    countDowns++
    const length = state.name === 'done' ? 'farewell' : state.attended ? 'attended' : 'idle'
    const timer = effects.find(effect => effect.name === 'timer')
    if (stayed.asked || stayed.name !== state.name || timer?.length !== length)
      t.fail('the touch did not count', { state, stayed })
  }
  t.ok(countDowns > 0)
})

t.test('staff is called once a visit, from any state, and the call goes with the person', async t => {
  for (const { state } of everyState) {
    const { visit } = state
    const called = next(state, { visit, name: 'help' }, context)
    const again = next(called.state, { visit, name: 'help' }, context)
    const names = [called, again].flatMap(step => step.effects.map(effect => effect.name))
    if (names.filter(name => name === 'call-staff').length !== 1) t.fail('not once', { state, names })
  }
  const { state } = next(
    { ...firstState('id'), helpCalled: true },
    { visit: 0, name: 'begin', language: 'en' },
    context,
  )
  t.equal(state.helpCalled, false)
})
