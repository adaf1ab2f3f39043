/**
 * Goal: a document of the centre comes out once, whatever its printer does and however often somebody touches; one
 * whose consent was withdrawn is not printed any more.
 * Method: the real store and driver, a printer that speaks IPP, and a clock of the test.
 */
import t, { type Test } from 'tap'
import { v7 } from 'uuid'
import type { OpenBoard } from '../../hal/board/open-board.ts'
import { IppPrinter } from '../../hal/drivers/ipp/ipp.ts'
import { IppSimulator } from '../../hal/sim/ipp-printer.ts'
import { silentLog } from '../../src/base/log.ts'
import { PrintDesk } from '../../src/kiosk/print-desk.ts'
import { defaultSettings } from '../../src/settings/settings.ts'
import { enrolment, openTestStore, sealEvent } from '../store/fixture.ts'
import { ManualClock } from '../support/manual-clock.ts'

async function deskWithJob(t: Test) {
  const clock = new ManualClock()
  let documents = 0
  const simulator = new IppSimulator({ clock, onDocument: () => documents++ })
  const printer = new IppPrinter({ exchange: simulator.exchange, clock, url: 'ipp://printer.test/ipp/print' })
  await clock.finish(printer.open())
  const store = await openTestStore()
  t.teardown(() => store.close())
  const { id } = await store.enrol(enrolment())
  const job = v7()
  await store.prints.keep({
    job,
    id,
    kind: 'document',
    title: 'Surat keterangan',
    format: 'application/pdf',
    media: 'iso_a4_210x297mm',
    bytes: Buffer.from('%PDF-1.4 for one citizen').toString('base64'),
    at: '2026-11-29T03:00:00.000Z',
  })
  const part = { use: (act: (device: IppPrinter) => unknown) => act(printer) }
  const board = { partsOf: () => [part], printer: undefined } as unknown as Pick<
    OpenBoard,
    'partsOf' | 'printer'
  >
  const desk = new PrintDesk({
    board,
    store,
    seal: { sealRecordEvent: sealEvent },
    options: { settings: defaultSettings },
    log: silentLog,
  })
  return {
    clock,
    simulator,
    store,
    id,
    job,
    documents: () => documents,
    print: () => desk.print(id, job, 'id'),
    waiting: async () => (await store.prints.of(id)).length,
  }
}

/** Until the printer has the document in its hands. */
async function underWay(clock: ManualClock, simulator: IppSimulator): Promise<void> {
  while (simulator.jobsUnderWay === 0) await clock.advance(1)
}

for (const [name, kind, stop, go] of [
  ['a jam', 'fault', { jammed: true }, { jammed: false }],
  ['no paper', 'paper', { sheets: 0 }, { sheets: 100 }],
  ['an open cover', 'paper', { coverOpen: true }, { coverOpen: false }],
  ['a printer that hangs', 'fault', { silent: true }, { silent: false }],
] as const)
  t.test(`${name} in the middle: the document stays, and comes out once`, async t => {
    const { clock, simulator, store, documents, print, waiting } = await deskWithJob(t)
    const printing = print()
    await underWay(clock, simulator)
    Object.assign(simulator, stop)
    t.same(await clock.finish(printing, { limitMs: 600_000 }), { kind })
    t.equal(await waiting(), 1, 'nothing is lost')
    Object.assign(simulator, go)
    t.same(await clock.finish(print(), { limitMs: 600_000 }), { kind: 'printed' })
    await clock.advance(60_000)
    t.equal(documents(), 1, 'and nothing comes twice')
    t.equal(await waiting(), 0)
    t.equal(store.events.count, 1)
  })

t.test('two touches print it once', async t => {
  const { clock, documents, print } = await deskWithJob(t)
  const both = Promise.all([print(), print()])
  const kinds = (await clock.finish(both)).map(({ kind }) => kind)
  t.same(kinds.sort(), ['busy', 'printed'])
  t.equal(documents(), 1)
  t.same(await clock.finish(print()), { kind: 'gone' })
  t.equal(documents(), 1)
})

t.test('what is withdrawn before it is printed is not printed', async t => {
  const { clock, store, id, documents, print, waiting } = await deskWithJob(t)
  await store.withdraw(id, 'officer', sealEvent)
  t.equal(await waiting(), 0)
  t.same(await clock.finish(print()), { kind: 'gone' })
  t.equal(documents(), 0)
})

t.test('what is withdrawn while the paper runs is nobody’s any more afterwards', async t => {
  const { clock, simulator, store, id, documents, print, waiting } = await deskWithJob(t)
  const printing = print()
  await underWay(clock, simulator)
  await store.withdraw(id, 'officer', sealEvent)
  const { count } = store.events
  t.same(await clock.finish(printing), { kind: 'printed' }, 'the paper that runs comes out whole')
  t.equal(await waiting(), 0)
  t.equal(store.events.count, count, 'of a withdrawn record the centre hears nothing more')
  t.same(await clock.finish(print()), { kind: 'gone' })
  t.equal(documents(), 1)
})
