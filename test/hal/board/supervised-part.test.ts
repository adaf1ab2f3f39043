/**
 * Goal: a part that fails never takes the others down, says why it is down, and comes back by itself.
 * Method: a device in the hands of the test, on a clock that stands still.
 */
import t from 'tap'
import { SupervisedPart } from '../../../hal/board/supervised-part.ts'
import type { BoardPart } from '../../../hal/ports/part.ts'
import { SimulatedReceiptPrinter } from '../../../hal/sim/receipt-printer.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const call = (signal = new AbortController().signal) => ({ timeoutMs: 5000, signal })

function bench() {
  const clock = new ManualClock()
  const receipts: string[] = []
  const printer = new SimulatedReceiptPrinter({ clock, onReceipt: ({ text }) => receipts.push(text) })
  const heard: string[] = []
  const onState = ({ name, state }: BoardPart) => heard.push(`${name} ${state.up ? 'up' : state.code}`)
  const file = {
    name: 'receipt',
    driver: 'simulated-receipt-printer',
    on: { line: 'a', group: { red: 'b' } },
  }
  const part = new SupervisedPart(file, 'receipt-printer', printer, clock, onState)
  const print = () => part.use(async () => printer.print([{ text: 'Halo' }], call()))
  return { clock, printer, part, heard, receipts, print }
}

t.test('a part is up once it opened, and its wiring is as the file has it', async t => {
  const { clock, part, heard } = bench()
  await clock.finish(part.start())
  t.same(part.state, { up: true })
  t.same(heard, ['receipt up'])
  t.same(part.on, { line: 'a', 'group.red': 'b' })
  t.same(await part.diagnose(call()), [
    { name: 'model', value: 'simulated thermal printer' },
    { name: 'paper', value: 'ok' },
  ])
  await part.close()
  t.equal(clock.sleeping, 0)
})

t.test('a part that does not open is down with its reason, and comes back by itself', async t => {
  const { clock, printer, part, heard, receipts, print } = bench()
  printer.setSilent(true)
  await clock.finish(part.start())
  t.match(part.state, { up: false, code: 'hal/no-answer' })
  await t.rejects(print(), { code: 'hal/no-answer' }, 'its calls reject at once')
  await t.rejects(part.diagnose(call()), { code: 'hal/no-answer' })
  await clock.advance(60_000)
  t.same(heard, ['receipt hal/no-answer'], 'and it is said once')
  printer.setSilent(false)
  await clock.advance(30_000)
  t.same(heard, ['receipt hal/no-answer', 'receipt up'])
  await clock.finish(print())
  t.same(receipts, ['Halo\n'])
  await part.close()
})

t.test('tries to open it follow each other more and more slowly', async t => {
  const { clock, printer, part } = bench()
  const triesAtMs: number[] = []
  printer.setSilent(true)
  const open = printer.open.bind(printer)
  printer.open = async () => {
    triesAtMs.push(clock.monotonicMs())
    await open()
  }
  await clock.finish(part.start())
  await clock.advance(120_000)
  const gapsMs = triesAtMs.slice(1).map((atMs, i) => atMs - triesAtMs[i])
  t.same(gapsMs, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  await part.close()
})

t.test('a part that fails in a call is down, and is asked until it answers', async t => {
  const { clock, printer, part, heard, print } = bench()
  await clock.finish(part.start())
  printer.setPaper(0)
  await t.rejects(clock.finish(print()), { code: 'hal/paper-out' })
  t.match(part.state, { up: false, code: 'hal/paper-out' })
  printer.setPaper(100)
  await clock.finish(print(), { limitMs: 100 })
  t.same(part.state, { up: true }, 'a call that goes well says so at once')
  printer.setCover('open')
  await clock.advance(31_000)
  t.match(part.state, { up: false, code: 'hal/cover-open' }, 'noticed though nobody used it')
  printer.setCover('closed')
  await clock.advance(2000)
  t.same(
    heard,
    ['up', 'hal/paper-out', 'up', 'hal/cover-open', 'up'].map(state => `receipt ${state}`),
  )
  await part.close()
})

t.test('what is no fault of the part leaves it up', async t => {
  const { clock, part, print } = bench()
  await clock.finish(part.start())
  const first = print()
  await t.rejects(print(), { code: 'hal/busy' })
  t.same(part.state, { up: true })
  await clock.finish(first)
  const left = new Error('the citizen left')
  const aborted = part.use(() => part.device.diagnose(call(AbortSignal.abort(left))))
  await t.rejects(aborted, left)
  t.same(part.state, { up: true })
  await part.close()
})

t.test('a technician’s question gives way to a visit', async t => {
  const { clock, part, print, receipts, printer } = bench()
  await clock.finish(part.start())
  printer.diagnose = async ({ signal }) => {
    await clock.sleep(60_000, signal)
    return []
  }
  const question = part.diagnose({ ...call(), timeoutMs: 60_000 })
  await t.rejects(part.diagnose(call()), { code: 'hal/busy' }, 'and only one is asked at a time')
  const answered = t.rejects(question, { code: 'hal/busy' })
  await clock.finish(print(), { limitMs: 100 })
  await answered
  t.same(receipts, ['Halo\n'])
  await part.close()
})

t.test('a driver that stumbles while it opens is a part that is down', async t => {
  const { clock, printer, part } = bench()
  printer.open = async () => {
    throw new TypeError('undefined is not a printer')
  }
  await clock.finish(part.start())
  t.match(part.state, { up: false, detail: /undefined is not a printer/ })
  await part.close()
})

t.test('a part that never ends its opening holds nothing up', async t => {
  const { clock, printer, part } = bench()
  printer.open = () => new Promise(() => {})
  await clock.finish(part.start(), { limitMs: 20_000 })
  t.match(part.state, { up: false, code: 'hal/no-answer' })
  await clock.finish(part.close())
  t.equal(clock.sleeping, 0)
})
