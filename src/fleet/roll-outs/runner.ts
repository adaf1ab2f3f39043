/**
 * Carries roll-outs on: what `nextStep` decides is written down, then done. Whoever is killed between the two does it
 * again: a kiosk that gets the same version twice takes no notice of the second.
 */
import type { Clock } from '../../base/clock.ts'
import { KioskError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { Broker } from '../../mqtt/broker.ts'
import { kioskTopic } from '../../mqtt/topics.ts'
import type { OpsSeal } from '../../seal/seal.ts'
import type { FleetView } from '../fleet-view.ts'
import { stagesOf } from '../roll-out.ts'
import { isNamed } from '../seen-kiosk.ts'
import { nextVersion, type Wish, wishOf } from '../wish.ts'
import type { RollOutBook } from './book.ts'
import { isEnded, type KioskProgress, nextStep, type RollOut } from './roll-out.ts'

const LOOK_MS = 1_000
/** Publishes under way at once, and begun with one look: the broker may allow fewer. */
const SEND_MAX = 50
const SEND_A_LOOK_MAX = 500

export interface RunnerParts {
  readonly book: RollOutBook
  readonly view: Pick<FleetView, 'kiosks' | 'settled'>
  readonly broker: Broker
  readonly seal: OpsSeal
  readonly clock: Clock
  readonly log: Log
}

export class RollOutRunner {
  /** Kiosks of those that run or are paused. */
  private readonly kiosks = new Map<
    string,
    { readonly names: readonly string[]; readonly ofImage: boolean }
  >()
  /** What the broker has taken from us since we started: `<roll-out>/<kiosk>`. */
  private readonly published = new Set<string>()
  private readonly stopping = new AbortController()
  private readonly running: Promise<void>

  constructor(private readonly parts: RunnerParts) {
    this.running = this.run()
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await this.running
  }

  private async run(): Promise<void> {
    const { clock, log, view } = this.parts
    const { signal } = this.stopping
    // Before it is known what every kiosk runs, one that has it long since would be taken for silent.
    await view.settled({ timeoutMs: Number.POSITIVE_INFINITY, signal }).catch(() => {})
    while (!signal.aborted) {
      try {
        await this.look()
      } catch (error) {
        if (signal.aborted) return
        log.warn('rollout', { code: error instanceof KioskError ? error.code : String(error) })
      }
      await clock.sleep(LOOK_MS, signal).catch(() => {})
    }
  }

  private async look(): Promise<void> {
    const { book } = this.parts
    // Oldest first; those that run before those that may have to wait for them.
    const ids = book
      .list()
      .map(({ id }) => id)
      .toReversed()
    for (const id of ids) {
      const { state } = book.get(id)
      if (state === 'running' || state === 'paused') await this.advance(book.get(id))
      else if (isEnded(state)) this.forget(id)
    }
    for (const id of ids) if (book.get(id).state === 'approved') await this.begin(book.get(id))
  }

  private async begin(rollOut: RollOut): Promise<void> {
    const { book, view } = this.parts
    const { id, plan } = rollOut
    const ofImage = rollOut.image !== undefined
    const kiosks = [...view.kiosks.values()].filter(seen => isNamed(seen, plan.to))
    if (kiosks.length === 0) return await book.end(id, 'stopped', 'no-kiosks')
    // Two of a kind at one kiosk would undo each other: the later one waits for the end of the earlier.
    const alike = [...this.kiosks.values()].filter(other => other.ofImage === ofImage)
    const busy = new Set(alike.flatMap(({ names }) => names))
    if (kiosks.some(({ kiosk }) => busy.has(kiosk))) return
    const progress = new Map<string, KioskProgress>()
    for (const [stage, names] of stagesOf(kiosks, plan.canaryPercent).entries())
      for (const kiosk of names) progress.set(kiosk, { stage: stage === 0 ? 0 : 1 })
    await book.begin(id, nextVersion(rollOut, kiosks), progress)
    this.kiosks.set(id, { names: [...progress.keys()], ofImage })
  }

  private async advance(rollOut: RollOut): Promise<void> {
    const { book, view, clock } = this.parts
    const { id, version } = rollOut
    if (version === undefined) return
    const progress = await book.progress(id)
    if (!this.kiosks.has(id))
      this.kiosks.set(id, { names: [...progress.keys()], ofImage: rollOut.image !== undefined })
    const wish = wishOf(rollOut, version)
    const step = nextStep(rollOut, wish, progress, kiosk => view.kiosks.get(kiosk), clock.nowMs())
    await book.note(id, step.changed)
    // Somebody may have stopped it while the disk wrote.
    const { state } = book.get(id)
    if (isEnded(state)) return
    if (step.ends !== undefined) return await book.end(id, step.ends.state, step.ends.reason)
    if (state === 'running') await this.send(id, wish, this.unsent(id, wish, progress))
  }

  /** Who should have it and was not sent it, by us or before us. */
  private unsent(id: string, wish: Wish, progress: ReadonlyMap<string, KioskProgress>): readonly string[] {
    const kiosks: string[] = []
    for (const [kiosk, { sentMs, outcome }] of progress) {
      if (sentMs === undefined || outcome !== undefined || this.published.has(`${id}/${kiosk}`)) continue
      const seen = this.parts.view.kiosks.get(kiosk)
      if (seen === undefined || wish.wantedOf(seen) < wish.version) kiosks.push(kiosk)
      if (kiosks.length >= SEND_A_LOOK_MAX) break
    }
    return kiosks
  }

  private async send(id: string, wish: Wish, kiosks: readonly string[]): Promise<void> {
    const { broker, seal } = this.parts
    let next = 0
    const lane = async () => {
      while (next < kiosks.length && this.parts.book.get(id).state === 'running') {
        const kiosk = kiosks[next++]
        const { body } = await wish.seal(seal, kiosk)
        const topic = kioskTopic(kiosk, wish.topic)
        await broker.publish({ topic, body, qos: 1, retain: true })
        this.published.add(`${id}/${kiosk}`)
      }
    }
    await Promise.all(Array.from({ length: SEND_MAX }, lane))
  }

  private forget(id: string): void {
    for (const kiosk of this.kiosks.get(id)?.names ?? []) this.published.delete(`${id}/${kiosk}`)
    this.kiosks.delete(id)
  }
}
