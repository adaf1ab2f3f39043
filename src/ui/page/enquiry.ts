import type { StatusFinding } from '../../record/record-status.ts'
import type { VisitLanguage } from '../../record/visit-view.ts'
import type { FingerFinding, PrintOutcome } from '../operations.ts'

// As in protocol.ts, which the page does not carry.
const STATUS_PATH = '/status'
const STATUS_BY_FINGER_PATH = '/status-by-finger'
const PRINT_PATH = '/print'
export const CODE_PREFIX = 'tunggal:1:'

/** Somebody's question where their record stands. */
export interface EnquiryState {
  /** What is asked for now; left out, the receipt's code. */
  readonly by?: 'nik' | 'finger'
  readonly isAsking?: boolean
  /** The finger is felt. */
  readonly isFelt?: boolean
  readonly answer?: StatusFinding | FingerFinding
  /** Of what was found: it is under way, and what came of the last one. */
  readonly isPrinting?: boolean
  readonly printed?: PrintOutcome['kind']
}

type Line = { readonly kind: 'contact' } | FingerFinding

/** Asks the kiosk, one question at a time: the next one, or leaving, ends the one before. */
export class Enquiry {
  private asking = new AbortController()
  /** Of the receipt: what is printed for its holder. */
  private code = ''

  constructor(private readonly onState: (state: EnquiryState) => void) {}

  cancel(): void {
    this.asking.abort()
  }

  /** `typed`: a scanned code, or a record's number as it is printed. */
  async byReceipt(typed: string): Promise<void> {
    const code = typed.startsWith(CODE_PREFIX) ? typed : CODE_PREFIX + withDashes(typed)
    this.code = code
    const tell = this.begin({ isAsking: true })
    const response = await this.post(STATUS_PATH, { code })
    const answer = response?.ok ? ((await response.json()) as StatusFinding) : undefined
    tell({ answer: answer ?? { kind: 'no-answer' } })
  }

  async byFinger(nik: string): Promise<void> {
    const tell = this.begin({ by: 'finger', isAsking: true })
    let answer: Line | undefined
    const response = await this.post(STATUS_BY_FINGER_PATH, { nik })
    if (response?.ok && response.body)
      answer = await lastLine<Line>(response.body, ({ kind }) => {
        if (kind === 'contact') tell({ by: 'finger', isAsking: true, isFelt: true })
      })
    tell({
      by: 'finger',
      answer: answer === undefined || answer.kind === 'contact' ? { kind: 'fault' } : answer,
    })
  }

  /** What was found offers this; without a job, the slip. */
  async print(
    found: Extract<StatusFinding, { kind: 'found' }>,
    job: string | undefined,
    language: VisitLanguage,
  ): Promise<void> {
    const { code } = this
    const tell = this.begin({ answer: found, isPrinting: true })
    const response = await this.post(PRINT_PATH, { code, language, ...(job && { job }) })
    const { kind } = response?.ok ? ((await response.json()) as PrintOutcome) : { kind: 'fault' as const }
    const isOver = kind === 'printed' || kind === 'gone'
    const prints = found.prints?.filter(offer => !isOver || offer.job !== job)
    tell({ answer: { ...found, prints }, printed: kind })
  }

  /** Returns what tells of this question as long as it is the last one. */
  private begin(state: EnquiryState): (state: EnquiryState) => void {
    this.asking.abort()
    this.asking = new AbortController()
    const { signal } = this.asking
    this.onState(state)
    return state => {
      if (!signal.aborted) this.onState(state)
    }
  }

  private async post(path: string, body: unknown): Promise<Response | undefined> {
    const { signal } = this.asking
    const headers = { 'content-type': 'application/json' }
    return await fetch(path, { method: 'POST', headers, body: JSON.stringify(body), signal }).catch(
      () => undefined,
    )
  }
}

/** Reads JSON lines as they come. Undefined: there was none, or the kiosk went away. */
async function lastLine<T>(
  body: ReadableStream<Uint8Array>,
  onLine: (line: T) => void,
): Promise<T | undefined> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let last: T | undefined
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return last
      text += decoder.decode(value, { stream: true })
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) {
        last = JSON.parse(line) as T
        onLine(last)
      }
    }
  } catch {
    return undefined
  }
}

/** A record's number as it is printed, whether or not its dashes were typed. */
function withDashes(typed: string): string {
  const parts = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(typed.toLowerCase().replace(/[^0-9a-f]/g, ''))
  return parts === null ? typed : parts.slice(1).join('-')
}
