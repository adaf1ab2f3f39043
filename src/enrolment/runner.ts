/**
 * Runs visits: performs what the machine (visit.ts) decides, and tells it what came of it.
 *
 * One object for the life of the kiosk. `dispatch` is synchronous: when it returns, `view` is what the
 * person sees. Biometric bytes live in `Calls.samples` only.
 */
import { strict as assert } from 'node:assert'
import type { KioskLimit, VisitCommand, VisitView } from '../record/visit-view.ts'
import type { Settings } from '../settings/settings.ts'
import { type AnswerBody, Calls, type CaptureWatcher, type VisitParts } from './calls.ts'
import { PersonalPreferences } from './preferences.ts'
import type { Effect, Event, Plan, State } from './state.ts'
import { viewOf } from './view.ts'
import { firstState, next } from './visit.ts'

export type { VisitGallery, VisitParts } from './calls.ts'

/** Where staff helps, people talk before they touch. */
const ATTENDED_IDLES = 5

export class VisitRunner {
  private state: State
  private readonly calls: Calls
  private readonly parts: VisitParts & { settings: Settings }
  private plan: Plan
  private readonly listeners = new Set<(view: VisitView) => void>()
  private readonly previewListeners = new Set<(jpeg: Uint8Array) => void>()
  private offline = true
  private limits: readonly KioskLimit[] = []
  private listensAlone = false
  private readonly preferences: PersonalPreferences
  private calling = new AbortController()
  private timing = new AbortController()
  private readonly closing = new AbortController()

  constructor(parts: VisitParts) {
    this.parts = { ...parts }
    this.calls = new Calls(this.parts)
    this.preferences = new PersonalPreferences(parts.clock, parts.settings.ui.idleAfterMs, () => this.show())
    this.state = firstState(parts.settings.kiosk.languages[0])
    this.plan = planOf(parts.settings)
  }

  /** The next visit is by these settings. Only while nobody is there. */
  setSettings(settings: Settings): void {
    assert(this.state.name === 'idle', 'nothing changes during a visit')
    this.parts.settings = settings
    this.preferences.idleAfterMs = settings.ui.idleAfterMs
    this.plan = planOf(settings)
  }

  get view(): VisitView {
    const { plan, offline, limits, listensAlone } = this
    const { countDownMs } = this.parts.settings.ui
    const preferences = this.preferences.value
    const hasPreview = this.parts.sensor?.preview !== undefined
    return viewOf(this.state, { hasPreview, plan, offline, limits, preferences, listensAlone, countDownMs })
  }

  /** How many samples are in memory: none when nobody is there. */
  get samplesHeld(): number {
    return this.calls.samples.size
  }

  /** Called with every new view, and at once with the present one. Returns how to stop. */
  onView(listener: (view: VisitView) => void): () => void {
    this.listeners.add(listener)
    listener(this.view)
    return () => this.listeners.delete(listener)
  }

  /** Called with each live image of the finger that is asked for, a JPEG: to be shown and forgotten. */
  onPreview(listener: (jpeg: Uint8Array) => void): () => void {
    this.previewListeners.add(listener)
    return () => this.previewListeners.delete(listener)
  }

  /** The connection to the centre came or went: screen and paper must say so. */
  setOffline(offline: boolean): void {
    if (this.offline === offline) return
    this.offline = offline
    this.show()
  }

  /** What the kiosk cannot do now. A visit under way goes on as far as it can. */
  setLimits(limits: readonly KioskLimit[]): void {
    if (limits.join() === this.limits.join()) return
    this.limits = limits
    this.show()
  }

  /** Headphones were plugged in or out. Whoever plugs them in wants to hear. */
  setListensAlone(listensAlone: boolean): void {
    if (this.listensAlone === listensAlone) return
    this.listensAlone = listensAlone
    if (listensAlone) this.preferences.change({ speech: true }, { isVisit: this.state.name !== 'idle' })
    this.show()
  }

  /** Staff has come to whoever is here; the call for them is answered. */
  attend(): void {
    this.handle({ visit: this.state.visit, name: 'attended' })
  }

  /** What a person does. One that does not fit, or is of another visit, changes nothing. */
  dispatch(command: VisitCommand): void {
    // Whoever has begun before is served to the end.
    if (command.name === 'begin' && this.limits.some(isClosing)) return
    if (command.name === 'prefer') this.prefer(command)
    else this.handle(command)
  }

  private prefer({ visit, name: _, ...change }: Extract<VisitCommand, { name: 'prefer' }>): void {
    if (visit !== this.state.visit || this.closing.signal.aborted) return
    this.preferences.change(change, { isVisit: this.state.name !== 'idle' })
    this.handle({ visit, name: 'keep-alive' })
    this.show()
  }

  /** Ends the visit under way and wipes it. */
  close(): void {
    this.handle({ visit: this.state.visit, name: 'leave' })
    this.closing.abort()
    this.calling.abort()
    this.timing.abort()
    this.preferences.keep()
    this.calls.samples.wipe(this.calls.storing)
    this.listeners.clear()
    this.previewListeners.clear()
  }

  private handle(event: Event): void {
    if (this.closing.signal.aborted) return
    const before = this.state
    const { state, effects } = next(before, event, {
      plan: this.plan,
      nowMs: this.parts.clock.nowMs(),
    })
    this.state = state
    if (before.name === 'idle' && state.name !== 'idle') this.preferences.keep()
    if (before.name !== 'idle' && state.name === 'idle') this.preferences.reset()
    if (state.name !== before.name)
      this.parts.log.info('visit-step', { visit: state.visit, step: state.name })
    for (const effect of effects) this.perform(effect)
    if (state !== before) this.show()
  }

  private perform(effect: Effect): void {
    switch (effect.name) {
      case 'abort':
        this.abortCall()
        break
      case 'forget':
        this.calls.samples.forget(effect.sample)
        break
      case 'wipe':
        this.abortCall()
        this.calls.samples.wipe(this.calls.storing)
        break
      case 'call-staff':
        this.parts.callStaff?.()
        break
      case 'timer':
        this.startTimer(effect)
        break
      case 'no-timer':
        this.timing.abort()
        break
      default:
        this.call(effect)
    }
  }

  private call(effect: Extract<Effect, { call: number }>): void {
    const { visit } = this.state
    const tell = (answer: AnswerBody) => this.handle({ ...answer, visit, call: effect.call } as Event)
    if (effect.name === 'enrol') {
      void this.calls.enrol(effect, tell)
      return
    }
    if (effect.name === 'print') {
      // Printing outlives the touch on "finish": half a receipt helps nobody.
      void this.calls.print(effect, this.offline, this.closing.signal).then(tell)
      return
    }
    this.calling = new AbortController()
    const { signal } = this.calling
    void this.answerOf(effect, signal).then(answer => {
      if (!signal.aborted) tell(answer)
    })
  }

  private answerOf(
    effect: Exclude<Extract<Effect, { call: number }>, { name: 'enrol' | 'print' }>,
    signal: AbortSignal,
  ): Promise<AnswerBody> {
    switch (effect.name) {
      case 'check':
        return this.calls.check({ sensorIsDown: this.limits.includes('no-sensor') })
      case 'capture':
        return this.calls.capture(effect, signal, this.watcher(effect.call, signal))
      case 'sample':
        return this.calls.sample(effect, signal)
      case 'compare':
        return this.calls.compare(effect)
      case 'search':
        return this.calls.search(effect)
      case 'pause':
        return this.calls.pause(signal)
    }
  }

  /** What a capture tells before it ends. */
  private watcher(call: number, signal: AbortSignal): CaptureWatcher {
    const { visit } = this.state
    return {
      onContact: () => {
        if (!signal.aborted) this.handle({ visit, name: 'contact', during: call })
      },
      onImage: jpeg => {
        for (const listener of this.previewListeners) listener(jpeg)
      },
    }
  }

  private abortCall(): void {
    this.calling.abort(new Error('the visit went on without it'))
  }

  private startTimer({ timer, length }: Extract<Effect, { name: 'timer' }>): void {
    this.timing.abort()
    this.timing = new AbortController()
    const { idleAfterMs, countDownMs, farewellMs } = this.parts.settings.ui
    const lengthMs = {
      idle: idleAfterMs,
      attended: ATTENDED_IDLES * idleAfterMs,
      'count-down': countDownMs,
      farewell: farewellMs,
    }[length]
    const { visit } = this.state
    this.parts.clock.sleep(lengthMs, this.timing.signal).then(
      () => this.handle({ visit, name: 'timer', timer }),
      () => {},
    )
  }

  private show(): void {
    const { view } = this
    for (const listener of this.listeners) listener(view)
  }
}

function isClosing(limit: KioskLimit): boolean {
  return limit === 'maintenance' || limit === 'closed'
}

function planOf({ capture, consent }: Settings): Plan {
  return {
    positions: capture.plan as Plan['positions'],
    attemptsMax: capture.attemptsMax,
    wrongFingerAttemptsMax: capture.wrongFingerAttemptsMax,
    consentVersion: consent.version,
  }
}
