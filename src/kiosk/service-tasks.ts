import type { OpenBoard } from '../../hal/board/open-board.ts'
import { A4 } from '../../hal/ports/document-printer.ts'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import { folderDisk } from '../config/disk.ts'
import { zeroTemplate } from '../enrolment/samples.ts'
import type { Engine } from '../finger/engine.ts'
import { encodePng } from '../finger/image/encode-png.ts'
import { testPage } from '../health/test-page.ts'
import { TEST_RECEIPT } from '../health/test-receipt.ts'
import type { ServiceTask, TaskOutcome } from '../ui/operations.ts'

const CAPTURE_TIMEOUT_MS = 20_000
const RECEIPT_TIMEOUT_MS = 20_000
/** An ink printer that wakes up cleans its heads first. */
const PAGE_TIMEOUT_MS = 120_000

export interface TaskParts {
  readonly board: Pick<OpenBoard, 'partsOf' | 'parts'>
  readonly engine: Engine
  readonly clock: Clock
  /** Nobody is being enrolled. */
  isIdle(): boolean
  /** Nothing of the fingers stays in memory. */
  forget(): void
  /** Name and content of a file for a drive. */
  diagnostics(signal: AbortSignal): Promise<{ readonly name: string; readonly text: string }>
  /** Folders of USB drives. */
  drives(): Promise<readonly string[]>
  /** False: nobody restarts this machine. */
  reboot(): Promise<boolean>
}

/** Does what a technician asks for, one task at a time. A part that cannot do it is an answer, not a failure. */
export class ServiceTasks {
  private isAtWork = false

  constructor(private readonly parts: TaskParts) {}

  async perform(task: ServiceTask, signal: AbortSignal): Promise<TaskOutcome> {
    if (this.isAtWork) return { kind: 'failed', code: 'hal/busy', detail: 'another test is still under way' }
    this.isAtWork = true
    try {
      return await this.act(task, signal)
    } catch (error) {
      if (!(error instanceof KioskError)) throw error
      return { kind: 'failed', code: error.code, detail: error.message }
    } finally {
      this.isAtWork = false
    }
  }

  private async act(task: ServiceTask, signal: AbortSignal): Promise<TaskOutcome> {
    switch (task.name) {
      case 'capture':
        return await this.capture(signal)
      case 'print':
        return await this.print(task.part, signal)
      case 'export':
        return await this.export(signal)
      case 'reboot':
        return { kind: (await this.parts.reboot()) ? 'rebooting' : 'no-reboot' }
    }
  }

  /** The technician's own finger: shown, and kept nowhere. */
  private async capture(signal: AbortSignal): Promise<TaskOutcome> {
    const { board, engine, clock, isIdle, forget } = this.parts
    const [part] = board.partsOf('fingerprint-sensor')
    if (part === undefined) throw new KioskError('hal/not-open', { part: 'fingerprint-sensor' })
    if (!isIdle()) return { kind: 'visit' }
    const startMs = clock.monotonicMs()
    const frame = await part.use(sensor => sensor.capture({ timeoutMs: CAPTURE_TIMEOUT_MS, signal }))
    try {
      const captureMs = Math.round(clock.monotonicMs() - startMs)
      const picture = Buffer.from(encodePng(frame)).toString('base64')
      const { widthPx, heightPx, resolutionDpi } = frame
      const seen = { kind: 'captured', widthPx, heightPx, resolutionDpi, captureMs, picture } as const
      return { ...seen, ...(await judged(engine, frame)) }
    } finally {
      frame.pixels.fill(0)
      forget()
    }
  }

  private async print(name: string, signal: AbortSignal): Promise<TaskOutcome> {
    const { board } = this.parts
    const receipts = board.partsOf('receipt-printer').find(part => part.name === name)
    const pages = board.partsOf('document-printer').find(part => part.name === name)
    if (receipts !== undefined)
      await receipts.use(printer => printer.print(TEST_RECEIPT, { timeoutMs: RECEIPT_TIMEOUT_MS, signal }))
    else if (pages !== undefined) {
      const { media: loaded } = await pages.use(printer => printer.status())
      const media = loaded[0] ?? A4
      const document = { bytes: testPage(media), format: 'application/pdf', media }
      await pages.use(printer => printer.print(document, { timeoutMs: PAGE_TIMEOUT_MS, signal }))
    } else throw new KioskError('hal/not-open', { part: name })
    return { kind: 'printed' }
  }

  private async export(signal: AbortSignal): Promise<TaskOutcome> {
    const [folder] = await this.parts.drives()
    if (folder === undefined) return { kind: 'no-drive' }
    const { name, text } = await this.parts.diagnostics(signal)
    const disk = folderDisk(folder)
    const aside = `${name}.part`
    await disk.write(aside, Buffer.from(text))
    await disk.sync(aside)
    await disk.rename(aside, name)
    await disk.syncFolder()
    return { kind: 'exported', file: name }
  }
}

async function judged(
  engine: Engine,
  frame: Parameters<Engine['sample']>[0],
): Promise<{ quality: number; reason: string }> {
  try {
    const { quality, template } = await engine.sample(frame)
    zeroTemplate(template)
    return { quality: quality.score, reason: quality.reason }
  } catch (error) {
    if (error instanceof KioskError && error.code === 'finger/not-a-finger')
      return { quality: 0, reason: 'not-a-finger' }
    throw error
  }
}
