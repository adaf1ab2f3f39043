import t from 'tap'
import type { Receipt, ReceiptPrinter } from '../../hal/ports/receipt-printer.ts'
import type { ManualClock } from '../support/manual-clock.ts'

/** A printer and the hands of the test: what a person does to it, and what fell out of it. */
export interface PrinterUnderTest {
  readonly printer: ReceiptPrinter
  readonly clock: ManualClock
  /** How many lines of paper are left; enough at the start. */
  setPaper(lines: number): void
  setCover(position: 'open' | 'closed'): void
  /** The part stops answering, or answers again. */
  setSilent(silent: boolean): void
  /** Paper has moved for the receipt under way; left out where 30 ms are enough for that. */
  begun?(): boolean
  /** The text of every whole receipt that was printed, oldest first. */
  printed(): readonly string[]
}

const TIMEOUT_MS = 10_000
const options = (signal = new AbortController().signal) => ({ timeoutMs: TIMEOUT_MS, signal })

const receipt: Receipt = [
  { text: 'TUNGGAL', align: 'centre', large: true, bold: true },
  { rule: true },
  { text: 'Simpan tanda terima ini.' },
  { qr: 'tunggal:0198f3c2' },
  { feedLines: 3 },
]

/** The contract of `hal/ports/receipt-printer.ts`, one test a line of it. `make` gives a part that was not opened. */
export function receiptPrinterContract(name: string, make: () => Promise<PrinterUnderTest>): void {
  const opened = async () => {
    const part = await make()
    await ending(part, part.printer.open())
    return part
  }
  t.test(`${name} keeps the contract of a receipt printer`, async t => {
    t.test('its facts can be read before it is open', async t => {
      const { info } = (await make()).printer
      t.ok(info.model.length > 0)
      t.ok(info.widthDots >= 200)
      t.ok(info.columns >= 16)
    })

    t.test('before it is open, calls reject', async t => {
      const { printer } = await make()
      await t.rejects(printer.status(), { code: 'hal/not-open' })
      await t.rejects(printer.print(receipt, options()), { code: 'hal/not-open' })
    })

    t.test('print resolves once the whole receipt is out', async t => {
      const part = await opened()
      const printing = part.printer.print(receipt, options())
      await part.clock.advance(1)
      t.same(part.printed(), [])
      await ending(part, printing)
      t.equal(part.printed().length, 1)
      t.match(part.printed()[0], /TUNGGAL[\s\S]*Simpan tanda terima ini\./)
      await ending(part, part.printer.print([{ text: 'Kedua' }], options()))
      t.match(part.printed()[1], 'Kedua')
      await part.printer.close()
    })

    const faults = {
      'hal/paper-out': { cause: part => part.setPaper(0), mend: part => part.setPaper(1000) },
      'hal/cover-open': { cause: part => part.setCover('open'), mend: part => part.setCover('closed') },
      'hal/no-answer': { cause: part => part.setSilent(true), mend: part => part.setSilent(false) },
    } satisfies Record<string, Record<'cause' | 'mend', (part: PrinterUnderTest) => void>>
    for (const [code, { cause, mend }] of Object.entries(faults)) {
      for (const when of ['before', 'in the middle of'] as const) {
        t.test(`${code} ${when} a receipt rejects in time, and once mended it prints`, async t => {
          const part = await opened()
          const startMs = part.clock.monotonicMs()
          if (when === 'before') cause(part)
          const printing = part.printer.print(receipt, options())
          if (when === 'in the middle of') {
            await untilBegun(part)
            cause(part)
          }
          await t.rejects(ending(part, printing), { code })
          t.ok(part.clock.monotonicMs() - startMs <= TIMEOUT_MS)
          t.same(part.printed(), [], 'half a receipt is none')
          mend(part)
          await ending(part, part.printer.print(receipt, options()))
          t.equal(part.printed().length, 1)
          await part.printer.close()
        })
      }
    }

    for (const [what, { cause, mend }] of Object.entries(faults).slice(0, 2)) {
      t.test(
        `${what} in the middle of a receipt that may wait: once mended, it is printed whole`,
        async t => {
          const part = await opened()
          const printing = part.printer.print(receipt, { ...options(), refillMs: 8000 })
          await untilBegun(part)
          cause(part)
          await part.clock.advance(3000)
          t.same(part.printed(), [])
          mend(part)
          await ending(part, printing)
          t.equal(part.printed().length, 1, 'once, and no half above it')
          t.match(part.printed()[0], /^\s*T ?U ?N ?G ?G ?A ?L[\s\S]*Simpan tanda terima ini\./)
          await part.printer.close()
        },
      )

      t.test(
        `${what} that nobody mends: the receipt is given up in time, or at once before it began`,
        async t => {
          const part = await opened()
          const startMs = part.clock.monotonicMs()
          const printing = part.printer.print(receipt, { ...options(), refillMs: 4000 })
          await untilBegun(part)
          cause(part)
          await t.rejects(ending(part, printing), { code: what })
          t.ok(part.clock.monotonicMs() - startMs <= 5000)
          const againMs = part.clock.monotonicMs()
          const again = part.printer.print(receipt, { ...options(), refillMs: 4000 })
          await t.rejects(ending(part, again), { code: what })
          t.ok(part.clock.monotonicMs() - againMs <= 1000)
          await part.printer.close()
        },
      )
    }

    t.test('status tells of paper and cover', async t => {
      const part = await opened()
      t.same(await ending(part, part.printer.status()), { paper: 'ok', coverOpen: false })
      part.setPaper(10)
      part.setCover('open')
      t.same(await ending(part, part.printer.status()), { paper: 'low', coverOpen: true })
      part.setPaper(0)
      part.setCover('closed')
      t.same(await ending(part, part.printer.status()), { paper: 'out', coverOpen: false })
      part.setSilent(true)
      await t.rejects(ending(part, part.printer.status()), { code: 'hal/no-answer' })
      await part.printer.close()
    })

    t.test('a second print rejects at once and does not disturb the first', async t => {
      const part = await opened()
      const first = part.printer.print(receipt, options())
      await t.rejects(part.printer.print(receipt, options()), { code: 'hal/busy' })
      await ending(part, first)
      t.equal(part.printed().length, 1)
      await part.printer.close()
    })

    t.test('a signal stops a print early, with its reason, and frees the part', async t => {
      const part = await opened()
      const reason = new Error('the citizen left')
      await t.rejects(part.printer.print(receipt, options(AbortSignal.abort(reason))), reason)
      part.setSilent(true)
      const stop = new AbortController()
      const startMs = part.clock.monotonicMs()
      const printing = part.printer.print(receipt, options(stop.signal))
      await part.clock.advance(10)
      stop.abort(reason)
      await t.rejects(ending(part, printing), reason)
      t.ok(part.clock.monotonicMs() - startMs < TIMEOUT_MS / 2, 'early')
      part.setSilent(false)
      await ending(part, part.printer.print(receipt, options()))
      t.equal(part.printed().length, 1)
      await part.printer.close()
    })

    t.test('close may be called twice, ends what runs, and leaves the part unusable', async t => {
      const part = await opened()
      const printing = part.printer.print(receipt, options())
      const rejected = t.rejects(printing, { code: 'hal/not-open' })
      await ending(part, part.printer.close())
      await rejected
      await part.printer.close()
      await t.rejects(part.printer.status(), { code: 'hal/not-open' })
      await t.rejects(part.printer.print(receipt, options()), { code: 'hal/not-open' })
      await t.rejects(part.printer.open(), { code: 'hal/not-open' })
      await part.clock.advance(2 * TIMEOUT_MS)
      t.equal(part.clock.sleeping, 0, 'and nothing is left waiting')
    })
  })
}

function ending<T>(part: PrinterUnderTest, call: Promise<T>): Promise<T> {
  return part.clock.finish(call, { limitMs: 2 * TIMEOUT_MS })
}

async function untilBegun({ clock, begun = () => true }: PrinterUnderTest): Promise<void> {
  await clock.advance(30)
  for (let turn = 0; turn < 500 && !begun(); turn++) await clock.advance(10)
}
