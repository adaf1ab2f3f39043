/**
 * Goal: what the centre sends to be printed comes out at the kiosk against the citizen's receipt, once, also where the
 * paper was out and the kiosk was switched off meanwhile; the centre learns of it.
 * Method: the whole kiosk and the ABIS over a real broker; the command that operations use.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { shippedBoard } from '../../hal/board/shipped-boards.ts'
import { simulatedCitizen } from '../../hal/sim/citizen.ts'
import { startEmbeddedBroker } from '../../scripts/embedded-broker.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openAbis, printSpool } from '../../src/cli/abis/open-abis.ts'
import { abisPrint } from '../../src/cli/abis/print.ts'
import type { Context } from '../../src/cli/command.ts'
import { enrolUnattended } from '../../src/enrolment/unattended.ts'
import { testPage } from '../../src/health/test-page.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { openKiosk } from '../../src/kiosk.ts'
import { settingsSchema } from '../../src/settings/settings.ts'
import { until } from '../support/until.ts'

t.setTimeout(180_000)

const { signal } = new AbortController()

t.test('a card: sent, out of paper, switched off, printed once, fetched', async t => {
  const data = t.testdir()
  await initDemoKeys(data, { clock: systemClock })
  const broker = await startEmbeddedBroker()
  const { url } = broker
  const { abis, close } = await openAbis({ data, url, clock: systemClock, log: silentLog })
  const receipts: string[] = []
  const open = async (fault?: string) => {
    const board = shippedBoard('simulated')
    const parts = board.parts.map(part => (part.name === 'pages' && fault ? { ...part, fault } : part))
    const kiosk = await openKiosk({
      data,
      settings: settingsSchema.parse({ broker: { url } }),
      clock: systemClock,
      log: silentLog,
      board: { ...board, parts },
      simulation: {
        citizen: simulatedCitizen(11),
        onReceipt: ({ text }) => receipts.push(text),
        placingMs: 0,
        lineMs: 0,
      },
    })
    const { visit, operations } = kiosk
    if (visit === undefined || operations === undefined) throw new Error('the board has a sensor')
    return { ...kiosk, visit, operations }
  }
  const emptyKiosk = await open('paper-out')
  const { recordId: id } = await enrolUnattended(emptyKiosk.visit, { nik: '3171011708850001' })
  await until(async () => (await emptyKiosk.store.record(id))?.status === 'PRINT_READY_RECORD')

  const file = join(data, 'card.pdf')
  await writeFile(file, testPage('iso_a4_210x297mm'))
  const lines: unknown[] = []
  const context = {
    print: (line: unknown) => lines.push(line),
    resolve: (path: string) => path,
  } as unknown as Context
  const options = {
    data,
    kiosk: emptyKiosk.name,
    title: 'Kartu',
    kind: 'card',
    media: 'iso_a4_210x297mm',
  } as const
  t.equal(await abisPrint.run(context, options, [id, file]), 0)
  await t.rejects(abisPrint.run(context, { ...options, kiosk: 'kiosk-none' }, [id, file]), {
    code: 'usage/bad-option',
  })
  await until(async () => (await emptyKiosk.store.prints.of(id)).length === 1)
  await until(async () => (await emptyKiosk.store.record(id))?.status === 'SENT_FOR_CARD_PRINTING')
  const found = await emptyKiosk.operations.recordStatus(id, signal)
  if (found.kind !== 'found' || found.prints?.length !== 1) throw new Error(JSON.stringify(found))
  t.match(found.prints, [{ title: 'Kartu', kind: 'card' }])
  const [{ job }] = found.prints
  t.same(await emptyKiosk.operations.print(id, job, 'id'), { kind: 'paper' })
  t.equal((await emptyKiosk.store.prints.of(id)).length, 1, 'nothing is lost')
  await emptyKiosk.close()

  const kiosk = await open()
  t.same(await kiosk.operations.print(id, job, 'id'), { kind: 'printed' })
  t.same(await kiosk.operations.print(id, job, 'id'), { kind: 'gone' })
  await until(async () => (await kiosk.store.record(id))?.status === 'CARD_PRINTED')
  t.equal((await abis.record(id))?.outcome?.status, 'CARD_PRINTED')
  t.same(await printSpool(data).waiting(), [])
  await until(() => kiosk.store.events.count === 0)
  const ready = await kiosk.operations.recordStatus(id, signal)
  t.match(ready, { kind: 'found', prints: [], hasSlip: true })
  t.same(await kiosk.operations.print(id, undefined, 'id'), { kind: 'printed' })
  t.match(receipts.at(-1), /SLIP PENGAMBILAN/)
  t.match(receipts.at(-1), id.slice(0, 8))
  await kiosk.close()
  await close()
  await broker.stop()
})
