import t from 'tap'
import { A4, type DocumentPrinter, type PrintDocument } from '../../hal/ports/document-printer.ts'
import type { ManualClock } from '../support/manual-clock.ts'

/** A printer and the hands of the test: what a person does to it, and what fell out of it. */
export interface DocumentPrinterUnderTest {
  readonly printer: DocumentPrinter
  readonly clock: ManualClock
  /** How many sheets are in the tray; enough at the start. */
  setPaper(sheets: number): void
  setCover(position: 'open' | 'closed'): void
  /** What is in the tray; A4 at the start. */
  setMedia(media: string): void
  /** The part stops answering, or answers again. */
  setSilent(silent: boolean): void
  /** Sheets that came out, of whole jobs or not. */
  sheetsOut(): number
  /** Documents of which the last sheet came out. */
  documents(): number
  /** Jobs that it still holds. */
  jobsUnderWay(): number
}

const TIMEOUT_MS = 30_000
const SHEETS = 4
const CARD = 'custom_id-1_53.98x85.6mm'
const page = '/Type /Page '
const document: PrintDocument = {
  bytes: Buffer.from(`%PDF-1.4 ${page.repeat(SHEETS)}`),
  format: 'application/pdf',
  media: A4,
}
const options = (signal = new AbortController().signal) => ({ timeoutMs: TIMEOUT_MS, signal })

/** The contract of `hal/ports/document-printer.ts`, one test a line of it. `make` gives a part that was not opened. */
export function documentPrinterContract(name: string, make: () => Promise<DocumentPrinterUnderTest>): void {
  const opened = async () => {
    const part = await make()
    await ending(part, part.printer.open())
    return part
  }
  t.test(`${name} keeps the contract of a document printer`, async t => {
    t.test('before it is open, calls reject', async t => {
      const { printer } = await make()
      await t.rejects(printer.status(), { code: 'hal/not-open' })
      await t.rejects(printer.print(document, options()), { code: 'hal/not-open' })
    })

    t.test('print resolves once every page is out', async t => {
      const part = await opened()
      const printing = part.printer.print(document, options())
      await part.clock.advance(1)
      t.ok(part.sheetsOut() < SHEETS)
      await ending(part, printing)
      t.equal(part.sheetsOut(), SHEETS)
      t.equal(part.documents(), 1)
      await ending(part, part.printer.print(document, options()))
      t.equal(part.documents(), 2)
      await part.printer.close()
    })

    const faults = {
      'hal/paper-out': { cause: part => part.setPaper(0), mend: part => part.setPaper(100) },
      'hal/cover-open': { cause: part => part.setCover('open'), mend: part => part.setCover('closed') },
      'hal/no-answer': { cause: part => part.setSilent(true), mend: part => part.setSilent(false) },
    } satisfies Record<string, Record<'cause' | 'mend', (part: DocumentPrinterUnderTest) => void>>
    for (const [code, { cause, mend }] of Object.entries(faults)) {
      for (const when of ['before', 'in the middle of'] as const) {
        t.test(`${code} ${when} a job rejects in time, and nothing of it is printed later`, async t => {
          const part = await opened()
          const startMs = part.clock.monotonicMs()
          if (when === 'before') cause(part)
          const printing = part.printer.print(document, options())
          if (when === 'in the middle of') {
            await begun(part)
            cause(part)
          }
          await t.rejects(ending(part, printing), { code })
          t.ok(part.clock.monotonicMs() - startMs <= TIMEOUT_MS + 2000)
          t.equal(part.documents(), 0)
          mend(part)
          await ending(part, part.printer.status())
          t.equal(part.jobsUnderWay(), 0, 'cancelled')
          const before = part.documents()
          await ending(part, part.printer.print(document, options()))
          t.equal(part.documents(), before + 1)
          await part.printer.close()
        })
      }
    }

    for (const [code, { cause, mend }] of Object.entries(faults).slice(0, 2)) {
      t.test(`${code} in the middle of a job that may wait: it goes on where it stood`, async t => {
        const part = await opened()
        const printing = part.printer.print(document, { ...options(), refillMs: 20_000 })
        await begun(part)
        cause(part)
        await part.clock.advance(8000)
        mend(part)
        await ending(part, printing)
        t.equal(part.documents(), 1)
        t.equal(part.sheetsOut(), SHEETS, 'no page twice')
        await part.printer.close()
      })

      t.test(`${code} that nobody mends: the job is given up in time`, async t => {
        const part = await opened()
        const startMs = part.clock.monotonicMs()
        const printing = part.printer.print(document, { ...options(), refillMs: 5000 })
        await begun(part)
        cause(part)
        await t.rejects(ending(part, printing), { code })
        t.ok(part.clock.monotonicMs() - startMs >= 5000)
        t.ok(part.clock.monotonicMs() - startMs <= 9000)
        t.equal(part.jobsUnderWay(), 0)
        await part.printer.close()
      })
    }

    t.test('other media than asked for: it rejects, and names what is loaded', async t => {
      const part = await opened()
      const card = { ...document, media: CARD }
      await t.rejects(ending(part, part.printer.print(card, options())), {
        code: 'hal/wrong-media',
        details: { media: CARD, loaded: A4 },
      })
      t.equal(part.sheetsOut(), 0)
      part.setMedia(CARD)
      await ending(part, part.printer.print(card, options()))
      t.equal(part.documents(), 1)
      await part.printer.close()
    })

    t.test('a format that it cannot print rejects', async t => {
      const part = await opened()
      const words = { ...document, format: 'application/x-unknown' }
      await t.rejects(ending(part, part.printer.print(words, options())), { code: 'hal/unsupported' })
      t.equal(part.jobsUnderWay(), 0)
      await part.printer.close()
    })

    t.test('status tells of paper, cover and media', async t => {
      const part = await opened()
      t.match(await ending(part, part.printer.status()), { paper: 'ok', coverOpen: false, media: [A4] })
      part.setPaper(5)
      part.setCover('open')
      t.match(await ending(part, part.printer.status()), { coverOpen: true })
      part.setCover('closed')
      t.match(await ending(part, part.printer.status()), { paper: 'low', coverOpen: false })
      part.setPaper(0)
      t.match(await ending(part, part.printer.status()), { paper: 'out' })
      part.setSilent(true)
      await t.rejects(ending(part, part.printer.status()), { code: 'hal/no-answer' })
      await part.printer.close()
    })

    t.test('asking how it is does not disturb a job', async t => {
      const part = await opened()
      const printing = part.printer.print(document, options())
      await begun(part)
      await ending(part, part.printer.status())
      await ending(part, printing)
      t.equal(part.documents(), 1)
      await part.printer.close()
    })

    t.test('a second job rejects at once and does not disturb the first', async t => {
      const part = await opened()
      const first = part.printer.print(document, options())
      await t.rejects(part.printer.print(document, options()), { code: 'hal/busy' })
      await ending(part, first)
      t.equal(part.documents(), 1)
      await part.printer.close()
    })

    t.test('a signal stops a job early, with its reason, and frees the part', async t => {
      const part = await opened()
      const reason = new Error('the citizen left')
      await t.rejects(part.printer.print(document, options(AbortSignal.abort(reason))), reason)
      const stop = new AbortController()
      const startMs = part.clock.monotonicMs()
      const printing = part.printer.print(document, options(stop.signal))
      await begun(part)
      stop.abort(reason)
      await t.rejects(ending(part, printing), reason)
      t.ok(part.clock.monotonicMs() - startMs < TIMEOUT_MS / 2, 'early')
      t.equal(part.jobsUnderWay(), 0, 'cancelled')
      await ending(part, part.printer.print(document, options()))
      t.equal(part.documents(), 1)
      await part.printer.close()
    })

    t.test('close may be called twice, ends what runs, and leaves the part unusable', async t => {
      const part = await opened()
      const rejected = t.rejects(part.printer.print(document, options()), { code: 'hal/not-open' })
      await begun(part)
      await ending(part, part.printer.close())
      await ending(part, rejected)
      await part.printer.close()
      await t.rejects(part.printer.status(), { code: 'hal/not-open' })
      await t.rejects(part.printer.print(document, options()), { code: 'hal/not-open' })
      await t.rejects(part.printer.open(), { code: 'hal/not-open' })
      await part.clock.advance(2 * TIMEOUT_MS)
      t.equal(part.clock.sleeping, 0, 'and nothing is left waiting')
    })
  })
}

function ending<T>(part: DocumentPrinterUnderTest, call: Promise<T>): Promise<T> {
  return part.clock.finish(call, { limitMs: 2 * TIMEOUT_MS })
}

async function begun({ clock, sheetsOut }: DocumentPrinterUnderTest): Promise<void> {
  for (let turn = 0; turn < 500 && sheetsOut() === 0; turn++) await clock.advance(10)
}
