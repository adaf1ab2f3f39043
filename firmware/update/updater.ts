/**
 * Brings the image that operations want (`update/desired`, or a stick) onto the kiosk's other slot, restarts into it,
 * and says what came of it (`update/reported`). What may follow what is decided in `held.ts`.
 *
 * Always true:
 * - Nothing is installed that this kiosk's rules refuse, whoever brings it; RAUC itself judges the signature.
 * - The machine is only restarted while nobody is at the kiosk and the window is open.
 * - Each step is on the disk before the next is taken.
 */
import { copyFile, mkdir } from 'node:fs/promises'
import { codeOf, KioskError } from '../../src/base/errors.ts'
import { judge, type Probation } from '../../src/config/probation.ts'
import { type ConfigError, configError } from '../../src/settings/desired.ts'
import {
  type DesiredUpdate,
  desiredUpdateSchema,
  type ReportedUpdate,
} from '../../src/settings/update-desired.ts'
import { BundleFile } from './bundle-file.ts'
import { download } from './download.ts'
import { asConfigError, examineBundle, missingRoom } from './examine.ts'
import {
  broughtByHand,
  confirmed,
  downloaded,
  type HeldUpdate,
  installed,
  installing,
  isSame,
  type Now,
  type Pending,
  received,
  rejected,
  started,
  unwell,
} from './held.ts'
import type { UpdaterParts } from './ports.ts'
import { reportOf, unwellError } from './report.ts'
import { Stick } from './stick.ts'
import { untilOpenMs } from './window.ts'

/** While something is on trial or waits for a failure to pass, the kiosk is looked at this often. */
const LOOK_MS = 1_000
/** A stick may be put in at any time. */
const STICK_LOOK_MS = 15_000
const RETRY_MS = { min: 30_000, max: 1_800_000 } as const
const BODY_BYTES_MAX = 16 * 1024
/** A centre that sends such a thing again and again is not worth the network's money. */
const DOWNLOADS_MAX = 3
const SAY_EVERY_PERCENT = 10

export class Updater {
  private readonly stopping = new AbortController()
  private working: Promise<void> | undefined
  private wake = () => {}
  private stopListening = () => {}
  private probation: Probation
  private slot: string | undefined
  private percent: number | undefined
  private saidPercent = Number.NEGATIVE_INFINITY
  private failures = 0
  /** How often what came whole was another bundle. */
  private others = 0
  /** What is here of a bundle was brought for an earlier wish. */
  private isForAnother = false
  private refused: ReportedUpdate['refused']
  private readonly stick = new Stick()
  private readonly bundle: BundleFile

  constructor(private readonly parts: UpdaterParts) {
    this.probation = { sinceMs: parts.clock.monotonicMs() }
    this.bundle = new BundleFile(parts.folder)
  }

  async start(): Promise<void> {
    const { kept, channel, slots } = this.parts
    this.slot = await slots.status().then(
      ({ booted }) => booted,
      () => undefined,
    )
    await kept.change(held => started(held, this.now()))
    await channel.subscribe(body => this.take(body))
    this.stopListening = channel.onConnection(() => this.tell())
    this.working = this.work()
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    this.stopListening()
    await this.working
  }

  /** What operations are told. */
  report(): ReportedUpdate {
    const { machine, kept } = this.parts
    const { slot, percent, refused } = this
    return reportOf(kept.held, { running: machine.version, slot, percent, refused })
  }

  private async take(body: Uint8Array): Promise<void> {
    const { seal, kept, log } = this.parts
    // Operations took the retained message away: that says nothing about what to run.
    if (body.length === 0) return
    let desired: DesiredUpdate
    try {
      if (body.length > BODY_BYTES_MAX) throw new KioskError('seal/too-large', { bytes: body.length })
      desired = await seal.openUpdate(body, desiredUpdateSchema)
    } catch (error) {
      if (!(error instanceof KioskError) || !error.code.startsWith('seal/')) throw error
      return this.refuse(error.code)
    }
    let isStale = false
    const before = kept.held
    await kept.change(held => {
      const next = received(held, desired, this.now())
      isStale = next === 'stale'
      return next === 'stale' ? held : next
    })
    if (isStale) return this.refuse('update/stale')
    if (kept.held === before) return
    log.info('update-wanted', { version: desired.version, image: desired.image })
    this.failures = 0
    this.others = 0
    if (before.pending?.desired?.sha256 !== desired.sha256) this.isForAnother = true
    this.tell()
    this.wake()
  }

  private refuse(code: string): void {
    this.parts.log.warn('update-refused', { code })
    this.refused = { count: (this.refused?.count ?? 0) + 1, code }
    this.tell()
  }

  private async work(): Promise<void> {
    const { clock, log } = this.parts
    const { signal } = this.stopping
    while (!signal.aborted) {
      const woken = new AbortController()
      this.wake = () => woken.abort()
      let restMs: number = RETRY_MS.min
      try {
        restMs = await this.turn(AbortSignal.any([signal, woken.signal]))
      } catch (error) {
        if (signal.aborted) return
        if (!woken.signal.aborted) log.error('update-turn-failed', { code: codeOf(error) })
      }
      await clock.sleep(restMs, AbortSignal.any([signal, woken.signal])).catch(() => {})
    }
  }

  /** One step, as far as it can be taken now. Returns how long to rest. `signal`: something newer is wanted. */
  private async turn(signal: AbortSignal): Promise<number> {
    const { pending } = this.parts.kept.held
    switch (pending?.step) {
      case undefined:
        return await this.rest()
      case 'downloading':
        await this.sayGood()
        return await this.bring(pending, signal)
      case 'waiting':
        await this.sayGood()
        return (await this.closedMs()) || (await this.install(pending))
      case 'installing':
        // The disk did not take what came of it: as after a power cut.
        await this.change(held => started(held, this.now()))
        return LOOK_MS
      case 'restarting':
        return (await this.closedMs()) || (await this.restart())
      case 'on-trial':
        return await this.look(pending)
    }
  }

  /** Nothing is under way: what runs is good, and a stick may come. */
  private async rest(): Promise<number> {
    if (!this.isSaidGood) {
      await this.sayGood()
      // Of one that was given up, or that runs.
      await this.bundle.drop()
      this.tell()
    }
    await this.lookAtStick()
    if (this.parts.kept.held.pending !== undefined) return 0
    return this.parts.stick === undefined ? 2 ** 31 - 1 : STICK_LOOK_MS
  }

  private isSaidGood = false

  /**
   * The image that runs is not on trial, or was found good: also while another is brought or waits for the night. Else the
   * board would be restarted (`tunggal-trial.timer`), and after three boots would come up with the image before.
   */
  private async sayGood(): Promise<void> {
    if (this.isSaidGood) return
    const { slots, machine } = this.parts
    await slots.markGood()
    await machine.sayGood()
    this.isSaidGood = true
    await this.change(held => confirmed(held, this.now()))
  }

  private async bring(pending: Pending, signal: AbortSignal): Promise<number> {
    const { clock, authorities, settings, log } = this.parts
    const { desired } = pending
    if (desired === undefined)
      return this.reject(pending, [configError('update/unreadable', '', 'it is gone')])
    if (this.now().at > desired.expiresAt)
      return this.reject(pending, [
        configError('update/expired', '', `until ${desired.expiresAt} it could not be brought`),
      ])
    if (this.isForAnother) await this.bundle.drop()
    this.isForAnother = false
    // What an earlier try has brought already has its room.
    const missing = missingRoom(desired.bytes, (await this.parts.freeBytes()) + (await this.bundle.bytes()))
    if (missing !== undefined) return this.reject(pending, [missing])
    try {
      await download(desired, {
        file: this.bundle.path,
        authorities,
        bytesPerSecondMax: settings().bytesPerSecondMax,
        clock,
        signal,
        onProgress: bytes => this.sayPercent((bytes / desired.bytes) * 100),
      })
    } catch (error) {
      signal.throwIfAborted()
      log.warn('update-not-downloaded', { code: codeOf(error) })
      this.failures++
      if (codeOf(error) === 'update/other-hash' && ++this.others >= DOWNLOADS_MAX)
        return this.reject(pending, [
          configError('update/other-hash', 'url', 'it was downloaded whole, and is another'),
        ])
      return Math.min(RETRY_MS.min * 2 ** Math.min(this.failures - 1, 10), RETRY_MS.max)
    }
    this.failures = 0
    const refusal = await this.refusalHere(pending.image)
    if (refusal !== undefined) return this.reject(pending, [refusal])
    await this.advance(pending, downloaded)
    return 0
  }

  /** Why the bundle that is here may not be installed; undefined: it may be. */
  private async refusalHere(image: string): Promise<ConfigError | undefined> {
    const examined = await examineBundle(this.bundle.path, this.rules())
    if ('refusal' in examined) return examined.refusal
    const { version } = examined.info
    if (version === image) return undefined
    return configError('update/other-hash', '', `it is ${version}, and ${image} was named`)
  }

  private rules() {
    const { slots, kept, clock } = this.parts
    return { slots, floor: kept.held.floor, nowMs: clock.nowMs() }
  }

  private async install(pending: Pending): Promise<number> {
    const { slots, kiosk, log } = this.parts
    // It waited for the window, perhaps long, or lies here since a power cut.
    const refusal = await this.refusalHere(pending.image)
    if (refusal !== undefined) return this.reject(pending, [refusal])
    if (!(await this.advance(pending, held => installing(held, this.now())))) return 0
    log.info('update-installing', { image: pending.image })
    try {
      await slots.install(this.bundle.path, this.stopping.signal)
    } catch (error) {
      // The kiosk ends. RAUC goes on, and the next start waits for it.
      this.stopping.signal.throwIfAborted()
      return this.reject(pending, [asConfigError(error)])
    }
    const troubles = await kiosk.troubles()
    await this.change(held => installed(held, troubles))
    return 0
  }

  private async restart(): Promise<number> {
    const { kiosk, machine, log, kept } = this.parts
    kiosk.retire()
    log.info('update-restarting', { image: kept.held.pending?.image ?? '' })
    await machine.reboot()
    return RETRY_MS.min
  }

  private async look(pending: Pending): Promise<number> {
    const { kiosk, clock, log, settings } = this.parts
    if (pending.errors !== undefined) return await this.leave()
    const limits = settings()
    const verdict = judge(
      this.probation,
      { nowMs: clock.monotonicMs(), troubles: await kiosk.troubles() },
      { limits, troublesBefore: pending.troubles, changesBroker: true },
    )
    switch (verdict.name) {
      case 'wait':
        this.probation = verdict.probation
        return LOOK_MS
      case 'keep':
        await this.sayGood()
        log.info('update-kept', { image: pending.image })
        await this.bundle.drop()
        return 0
      case 'take-back': {
        const errors = verdict.troubles.map(trouble => unwellError(trouble, limits))
        await this.change(held => unwell(held, errors))
        return 0
      }
    }
  }

  /** The next boot takes the other slot. */
  private async leave(): Promise<number> {
    const { kiosk, slots, machine, log } = this.parts
    if (!kiosk.isIdle) return LOOK_MS
    log.error('update-left', { image: machine.version })
    await slots.markBad()
    kiosk.retire()
    await machine.reboot()
    return RETRY_MS.min
  }

  private async lookAtStick(): Promise<void> {
    const { stick: folder, folder: ours, kept, machine, freeBytes } = this.parts
    if (folder === undefined) return
    const { left, leftBefore = [] } = kept.held
    const known = [machine.version, left, ...leftBefore]
    const found = await this.stick.next({ folder, known, freeBytes, ...this.rules() })
    if (found === undefined) return
    if ('refusal' in found) {
      // What came of what operations want stands in the report, and stays there.
      this.refuse(found.refusal.code)
      return
    }
    await mkdir(ours, { recursive: true, mode: 0o700 })
    // The stick may be taken out, and its bytes may change: what is copied is judged again before it is installed.
    await copyFile(found.file, this.bundle.path).catch(async cause => {
      this.stick.notCopied()
      await this.bundle.drop()
      throw new KioskError('kv/io', {}, { cause })
    })
    await this.advance(undefined, held => broughtByHand(held, found.version))
  }

  /** Until the window opens and the kiosk is idle; 0 where both are. */
  private async closedMs(): Promise<number> {
    const { clock, settings, timeZone, kiosk } = this.parts
    const untilMs = untilOpenMs(settings(), clock.nowMs(), timeZone)
    // Settings and the clock may change in the meantime.
    if (untilMs > 0) return Math.min(untilMs, 60_000)
    return kiosk.isIdle ? 0 : LOOK_MS
  }

  private async reject(pending: Pending, errors: readonly ConfigError[]): Promise<number> {
    const { log } = this.parts
    log.warn('update-rejected', { code: errors[0]?.code ?? '' })
    await this.bundle.drop()
    await this.advance(pending, held => rejected(held, errors, this.now()))
    return 0
  }

  /** Changes what is held of `pending`, if that is still under way: something newer may be wanted since. */
  private async advance(
    pending: Pending | undefined,
    next: (held: HeldUpdate) => HeldUpdate,
  ): Promise<boolean> {
    let isUnderWay = false
    await this.change(held => {
      isUnderWay = isSame(held.pending, pending)
      return isUnderWay ? next(held) : held
    })
    return isUnderWay
  }

  private async change(next: (held: HeldUpdate) => HeldUpdate): Promise<void> {
    const { kept } = this.parts
    const before = kept.held
    await kept.change(next)
    if (kept.held !== before) this.tell()
  }

  private sayPercent(percent: number): void {
    this.percent = Math.floor(percent)
    if (Math.abs(this.percent - this.saidPercent) < SAY_EVERY_PERCENT) return
    this.saidPercent = this.percent
    this.tell()
  }

  private tell(): void {
    this.parts.channel.report(Buffer.from(JSON.stringify(this.report())))
  }

  private now(): Now {
    const { clock, machine } = this.parts
    return { at: new Date(clock.nowMs()).toISOString(), running: machine.version, bootId: machine.bootId }
  }
}
