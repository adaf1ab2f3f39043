/** What a printer and its job say of themselves (RFC 8011 § 5.3.7, § 5.4.12), in our words. Pure. */
import { KioskError } from '../../../src/base/errors.ts'
import type { DocumentPrinterStatus } from '../../ports/document-printer.ts'
import { badAnswer, type IppValue, type ReadIppMessage } from './codec.ts'
import { IPP_JOB_STATE, IPP_PRINTER_STATE } from './numbers.ts'

const NO_PAPER = ['media-empty', 'media-needed', 'input-tray-missing']
const OPEN = ['cover-open', 'door-open', 'interlock-open']
/** These stop nothing, or only say that something else did. */
const HARMLESS = ['none', 'paused', 'moving-to-paused', 'stopping', 'spool-area-full', 'connecting-to-device']
const LOW = 'media-low'
/** Printers add how bad it is; what is not an error yet stops nothing. */
const SEVERITY = /-(?:error|warning|report)$/

export interface PrinterCondition extends DocumentPrinterStatus {
  /** What keeps it from printing now; where it has not stopped yet, it may still go on with another tray. */
  readonly fault?: KioskError
  /** What it mentions, error or not: the likely reason where a job does not go on. */
  readonly hint?: KioskError
  readonly hasStopped: boolean
  readonly isAccepting: boolean
  readonly formats: readonly string[]
}

/** Throws `hal/bad-answer` where the answer does not say how the printer is. */
export function printerCondition({ attributes }: ReadIppMessage): PrinterCondition {
  const words = (name: string) => (attributes.get(name) ?? []).map(String)
  const state = attributes.get('printer-state')?.[0]
  if (typeof state !== 'number') throw badAnswer('it does not say how it is')
  const reasons = words('printer-state-reasons')
  const fault = faultIn(reasons)
  const hint = faultIn(reasons.map(withoutSeverity))
  return {
    model: words('printer-make-and-model')[0]?.slice(0, 100) ?? 'IPP printer',
    paper: paperOf(reasons),
    coverOpen: reasons.some(reason => OPEN.includes(reason.replace(SEVERITY, ''))),
    media: words('media-ready'),
    ...(fault && { fault }),
    ...(hint && { hint }),
    hasStopped: state === IPP_PRINTER_STATE.stopped,
    isAccepting: attributes.get('printer-is-accepting-jobs')?.[0] !== false,
    formats: words('document-format-supported'),
  }
}

export type JobCondition = 'under-way' | 'stopped' | 'completed' | KioskError

/** Throws `hal/bad-answer` where the answer does not say how the job is. */
export function jobCondition({ attributes }: ReadIppMessage): JobCondition {
  const state: IppValue | undefined = attributes.get('job-state')?.[0]
  if (typeof state !== 'number') throw badAnswer('it does not say how its job is')
  if (state === IPP_JOB_STATE.completed) return 'completed'
  if (state === IPP_JOB_STATE.stopped) return 'stopped'
  if (state !== IPP_JOB_STATE.aborted && state !== IPP_JOB_STATE.cancelled) return 'under-way'
  const reasons = (attributes.get('job-state-reasons') ?? []).map(String)
  return faultIn(reasons) ?? new KioskError('hal/part-fault', { reasons: said(reasons) || 'job given up' })
}

function faultIn(reasons: readonly string[]): KioskError | undefined {
  const errors = reasons.filter(isError).map(withoutSeverity)
  if (errors.some(reason => OPEN.includes(reason))) return new KioskError('hal/cover-open')
  if (errors.some(reason => NO_PAPER.includes(reason))) return new KioskError('hal/paper-out')
  const others = errors.filter(isTrouble)
  return others.length === 0 ? undefined : new KioskError('hal/part-fault', { reasons: said(others) })
}

function isTrouble(reason: string): boolean {
  return (
    !HARMLESS.includes(reason) &&
    !/-(?:low|almost-empty|almost-full|near-limit)$/.test(reason) &&
    !reason.startsWith('job-')
  )
}

/** Low too where one tray of several is empty. */
function paperOf(reasons: readonly string[]): 'ok' | 'low' | 'out' {
  const without = reasons.filter(reason => NO_PAPER.includes(withoutSeverity(reason)))
  if (without.some(isError)) return 'out'
  return without.length > 0 || reasons.some(reason => withoutSeverity(reason) === LOW) ? 'low' : 'ok'
}

function isError(reason: string): boolean {
  return !/-(?:warning|report)$/.test(reason)
}

function withoutSeverity(reason: string): string {
  return reason.replace(SEVERITY, '')
}

/** For a person: a few keywords of the printer's, no more. */
function said(reasons: readonly string[]): string {
  return reasons.slice(0, 4).join(', ').slice(0, 200)
}
