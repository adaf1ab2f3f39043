/**
 * Goal: whoever tries numbers or fingers one after the other at the status question gets little of it, and learns from
 * the limit itself no more than from an answer.
 */
import t from 'tap'
import type { FingerprintSensor } from '../../hal/ports/fingerprint-sensor.ts'
import { KioskError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import { Gallery } from '../../src/finger/prefilter/gallery.ts'
import { localEngine } from '../../src/finger/worker/local-engine.ts'
import { StatusDesk, type StatusDeskParts } from '../../src/kiosk/status-desk.ts'
import { defaultSettings } from '../../src/settings/settings.ts'
import { ManualClock } from '../support/manual-clock.ts'

const AT_ONCE = 10
const ENROLLED = '3171236108850001'
const NOBODYS = '3171234567890001'

function deskWithEmptyGlass() {
  const clock = new ManualClock()
  const captured: number[] = []
  const sensor = {
    capture: async () => {
      captured.push(clock.monotonicMs())
      throw new KioskError('hal/no-finger')
    },
  } as unknown as FingerprintSensor
  const looked: string[] = []
  const visit = { view: { step: 'idle' }, onView: () => () => {} } as unknown as StatusDeskParts['visit']
  const desk = new StatusDesk({
    visit,
    store: {
      record: async () => undefined,
      recordsOf: async nik => {
        looked.push(nik)
        return []
      },
    },
    relay: {} as StatusDeskParts['relay'],
    centre: { current: undefined },
    board: { sensor },
    prints: {} as StatusDeskParts['prints'],
    engine: localEngine,
    gallery: new Gallery(),
    options: { settings: defaultSettings, clock },
    log: silentLog,
    forget: () => {},
  })
  const ask = async (nik: string) =>
    (await desk.byFinger(nik, { signal: new AbortController().signal, onContact: () => {} })).kind
  return { clock, captured, looked, ask }
}

t.test('after ten questions at once there is one a minute, for all numbers together', async t => {
  const { clock, captured, looked, ask } = deskWithEmptyGlass()
  for (let asked = 0; asked < AT_ONCE; asked++)
    t.equal(await ask(asked % 2 === 0 ? ENROLLED : NOBODYS), 'no-finger')
  for (const nik of [ENROLLED, NOBODYS]) t.equal(await ask(nik), 'too-many')
  t.equal(captured.length, AT_ONCE, 'no finger is asked for')
  t.same(looked, [], 'and no number looked up')
  await clock.advance(60_000)
  t.equal(await ask(NOBODYS), 'no-finger')
  t.equal(await ask(ENROLLED), 'too-many')
  await clock.advance(60_000 * AT_ONCE)
  for (let asked = 0; asked < AT_ONCE; asked++) t.equal(await ask(ENROLLED), 'no-finger')
})

t.test('a number that is none costs nobody a question', async t => {
  const { ask } = deskWithEmptyGlass()
  for (let asked = 0; asked < 2 * AT_ONCE; asked++) t.equal(await ask('123'), 'bad-nik')
  t.equal(await ask(ENROLLED), 'no-finger')
})
