/**
 * Goal: a visit on everything real below it but the parts: engine, gallery, store and seal.
 * Method: a synthetic citizen enrols; then the ABIS's key opens what the outbox holds.
 */
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { simulatedCitizen } from '../../hal/sim/citizen.ts'
import { SimulatedFingerprintSensor } from '../../hal/sim/fingerprint-sensor.ts'
import { type PrintedReceipt, SimulatedReceiptPrinter } from '../../hal/sim/receipt-printer.ts'
import { silentLog } from '../../src/base/log.ts'
import { VisitRunner } from '../../src/enrolment/runner.ts'
import { enrolUnattended } from '../../src/enrolment/unattended.ts'
import { Gallery } from '../../src/finger/prefilter/gallery.ts'
import { readInterchange } from '../../src/finger/template/interchange.ts'
import { localEngine } from '../../src/finger/worker/local-engine.ts'
import { openMemoryKv } from '../../src/kv/memory.ts'
import { memoryHighWaterMark } from '../../src/store/high-water-mark.ts'
import { openStore } from '../../src/store/store.ts'
import { demoKeys } from '../support/demo-keys.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { settingsWith } from './stand-ins.ts'

t.test(
  'a synthetic citizen is enrolled, and recognised when they come again under another number',
  async t => {
    const clock = new ManualClock(Date.now())
    const { kioskSeal, abisSeal } = await demoKeys(t, clock)
    const settings = settingsWith({ capture: { plan: [2, 3, 7] } })
    const store = await openStore({
      kv: openMemoryKv(),
      highWaterMark: memoryHighWaterMark(),
      clock,
      log: silentLog,
      random: randomBytes,
      dataKey: randomBytes(32),
      indexKey: randomBytes(32),
      limits: settings.store,
    })
    const sensor = new SimulatedFingerprintSensor({ clock })
    const receipts: PrintedReceipt[] = []
    const printer = new SimulatedReceiptPrinter({ clock, onReceipt: receipt => receipts.push(receipt) })
    await sensor.open()
    await printer.open()
    const parts = { sensor, printer, engine: localEngine, gallery: new Gallery(), store, seal: kioskSeal }
    const runner = new VisitRunner({ ...parts, settings, clock, random: randomBytes, log: silentLog })
    t.teardown(async () => {
      runner.close()
      await store.close()
    })
    const enrol = async (visit: number, nik: string) => {
      sensor.present(simulatedCitizen(7, { visit }))
      const { recordId } = await clock.finish(enrolUnattended(runner, { nik }), { stepMs: 100 })
      const entry = await store.outbox.get(recordId)
      return abisSeal.openSubmission(kioskSeal.kiosk, entry!.body)
    }

    const first = await enrol(0, '3171234567890001')
    t.equal(first.fingers.length, 3)
    t.same(first.hints, [], 'three different fingers')
    for (const finger of first.fingers) {
      if (!('template' in finger)) return t.fail('a finger was excepted', finger)
      const { format, views } = readInterchange(Buffer.from(finger.template, 'base64'))
      t.equal(format, 'iso2005')
      t.equal(views[0].position, finger.position)
      t.ok(views[0].template.count > 10)
    }
    t.match(await store.record(first.id), { fingersCaptured: 3, status: 'SENT_FOR_ENROLLMENT' })
    t.match(receipts[0].text.replace(/\s/g, ''), first.id)

    const second = await enrol(1, '3171234567890002')
    t.ok(
      second.hints.some(hint => hint.candidate === `${first.id}/${hint.position}`),
      'the local gallery says whom it resembles',
    )
    t.equal(second.sequence, first.sequence + 1)
    t.equal(runner.samplesHeld, 0)
  },
)
