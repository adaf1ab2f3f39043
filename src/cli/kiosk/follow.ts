import type { KioskRecord } from '../../record/record.ts'
import { isVerdict, type Status } from '../../record/status.ts'
import { duplicateOf } from '../../record/submission.ts'
import type { Line } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'

/** One status of one record, as every command prints it. */
export interface StatusLine {
  readonly id: string
  readonly status: Status
  /** When it was reached, ISO 8601. */
  readonly at: string
  /** Why, where the centre said so. */
  readonly reason?: string
  /** The record that this one repeats. */
  readonly duplicateOf?: string
}

/** Lines for the statuses of `record` from number `from` on. */
export function statusLines(record: KioskRecord, from: number): StatusLine[] {
  return record.history.slice(from).map(({ status, at }, index, rest) => {
    const last = index === rest.length - 1
    const reason = last && isVerdict(status) ? record.reason : undefined
    const first = duplicateOf(reason)
    return { id: record.id, status, at, ...(reason && { reason }), ...(first && { duplicateOf: first }) }
  })
}

export function statusText({ id, status, at, reason }: StatusLine): string {
  return `${at}  ${status.padEnd(25)} ${id}${reason === undefined ? '' : `  ${reason}`}`
}

/** Where a record's changes come from. */
export interface RecordSource {
  record(id: string): Promise<KioskRecord | undefined>
  onRecord(listener: (record: KioskRecord) => void): () => void
}

/**
 * Prints every status of record `id` as it is reached; resolves with the last one: at the first verdict, or
 * when `signal` aborts. What it has reached by now is printed even where `signal` has aborted already.
 */
export function followRecord(
  source: RecordSource,
  id: string,
  options: { print(line: StatusLine): void; signal: AbortSignal },
): Promise<Status | undefined> {
  const { print, signal } = options
  return new Promise((resolve, reject) => {
    let printed = 0
    let last: Status | undefined
    const end = () => {
      stop()
      signal.removeEventListener('abort', end)
      resolve(last)
    }
    const show = (record: KioskRecord) => {
      if (record.id !== id || record.history.length < printed) return
      for (const line of statusLines(record, printed)) print(line)
      printed = record.history.length
      last = record.status
      if (isVerdict(record.status)) end()
    }
    const stop = source.onRecord(show)
    // However short the wait: what has been reached is printed before it can end.
    source.record(id).then(record => {
      if (record !== undefined) show(record)
      signal.addEventListener('abort', end, { once: true })
      if (signal.aborted) end()
    }, reject)
  })
}

/** 0: print-ready. 1: the centre said something else. 69: it has not said anything in time. */
export function exitCodeOfStatus(status: Status | undefined): ExitCode {
  if (status === undefined || !isVerdict(status)) return EXIT.unavailable
  return status === 'PRINT_READY_RECORD' ? EXIT.ok : EXIT.no
}

export function asLine(line: StatusLine): Line {
  return { ...line }
}
