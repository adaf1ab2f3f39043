/**
 * Goal: only a technician sees the kiosk from inside, for as long as they are there; an officer answers the call;
 * and a kiosk tells what its headphone socket and its service key say.
 */
import t from 'tap'
import { shippedBoard } from '../../hal/board/shipped-boards.ts'
import { startEmbeddedBroker } from '../../scripts/embedded-broker.ts'
import { systemClock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import { hashSecret } from '../../src/base/secret-hash.ts'
import type { PinAnswer } from '../../src/health/pin-guard.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { Service } from '../../src/kiosk/service.ts'
import { openKiosk } from '../../src/kiosk.ts'
import { settingsSchema } from '../../src/settings/settings.ts'
import type { ServiceView } from '../../src/ui/operations.ts'
import { ManualClock } from '../support/manual-clock.ts'

t.setTimeout(120_000)

const { signal } = new AbortController()
const quick = { thoroughly: false }
const seen: ServiceView = {
  version: '1',
  kiosk: 'kiosk-test',
  parts: [],
  outbox: { waiting: 0, events: 0, isOnline: true },
  setAside: [],
}

function serviceWith(answer: PinAnswer | KioskError, key: { turned?: boolean } = {}) {
  const clock = new ManualClock()
  let attended = 0
  const service = new Service({
    pins: {
      async enter() {
        if (answer instanceof KioskError) throw answer
        return answer
      },
    },
    isKeyTurned: () => key.turned,
    attend: () => attended++,
    look: async () => seen,
    perform: async () => ({ kind: 'printed' }),
    clock,
    log: silentLog,
  })
  return { service, clock, attended: () => attended }
}

async function sessionOf(service: Service): Promise<string> {
  const answer = await service.enter('1')
  if (answer.kind !== 'technician') throw new Error(answer.kind)
  return answer.session
}

t.test('an officer answers the call and sees nothing more', async t => {
  const { service, attended } = serviceWith({ kind: 'right', role: 'officer' })
  t.same(await service.enter('1'), { kind: 'officer' })
  t.equal(attended(), 1)
  t.equal(await service.look('', quick, signal), undefined)
})

t.test('a technician sees it until they leave, are silent, or the next one comes', async t => {
  const { service, clock } = serviceWith({ kind: 'right', role: 'technician' })
  const session = await sessionOf(service)
  t.same(await service.look(session, quick, signal), seen)
  t.equal(await service.look(`${session.slice(0, -1)}_`, quick, signal), undefined)
  await clock.advance(100_000)
  t.ok(await service.look(session, quick, signal), 'who asks now and then stays')
  await clock.advance(130_000)
  t.equal(await service.look(session, quick, signal), undefined)
  const next = await sessionOf(service)
  t.not(next, session)
  const third = await sessionOf(service)
  t.equal(await service.look(next, quick, signal), undefined)
  service.leave(third)
  t.equal(await service.look(third, quick, signal), undefined)
})

t.test('where there is a service key it has to be turned, and to stay so', async t => {
  const key = { turned: false }
  const { service, attended } = serviceWith({ kind: 'right', role: 'technician' }, key)
  t.same(await service.enter('1'), { kind: 'turn-key' })
  t.equal(attended(), 0)
  key.turned = true
  const session = await sessionOf(service)
  key.turned = false
  t.equal(await service.look(session, quick, signal), undefined)
  key.turned = true
  t.equal(await service.look(session, quick, signal), undefined, 'and does not open it again')
})

t.test('a wrong PIN, a lock-out and a disk that does not count open nothing', async t => {
  for (const answer of [
    { kind: 'wrong', triesLeft: 2 },
    { kind: 'locked', forMs: 5 },
  ] as const) {
    const { service, attended } = serviceWith(answer)
    t.same(await service.enter('1'), answer)
    t.equal(attended(), 0)
  }
  t.same(await serviceWith(new KioskError('io/unwritable')).service.enter('1'), { kind: 'fault' })
})

t.test('a real kiosk shows its parts, its queue and what the doctor knows', async t => {
  const data = t.testdir()
  await initDemoKeys(data, { clock: systemClock })
  const broker = await startEmbeddedBroker()
  t.teardown(() => broker.stop())
  const simulated = shippedBoard('simulated')
  const changes: Readonly<Record<string, object>> = {
    'service-key': { active: true },
    headphones: { active: true },
    receipt: { fault: 'paper-out' },
  }
  const parts = simulated.parts.map(part => ({ ...part, ...changes[part.name] }))
  const settings = settingsSchema.parse({
    broker: { url: broker.url },
    ui: { technicianPin: await hashSecret('770021'), officerPin: await hashSecret('482913') },
  })
  const board = { ...simulated, parts }
  const kiosk = await openKiosk({ data, settings, clock: systemClock, log: silentLog, board })
  t.teardown(() => kiosk.close())
  const staff = kiosk.operations?.staff
  if (staff === undefined) throw new Error('a kiosk with PINs has staff')
  t.match(await staff.enter('000000'), { kind: 'wrong', triesLeft: 4 })
  kiosk.visit?.dispatch({ visit: 0, name: 'help' })
  t.equal(kiosk.visit?.view.helpCalled, true)
  t.same(await staff.enter('482913'), { kind: 'officer' })
  t.equal(kiosk.visit?.view.helpCalled, false)
  const answer = await staff.enter('770021')
  if (answer.kind !== 'technician') throw new Error(answer.kind)
  const view = await staff.look(answer.session, { thoroughly: true }, signal)
  t.match(view, { kiosk: 'kiosk-demo', version: /^\d/, outbox: { waiting: 0, events: 0 }, setAside: [] })
  t.match(
    view?.parts.find(({ name }) => name === 'receipt'),
    { up: false, detail: /^hal\/paper-out/ },
  )
  t.ok((view?.checks?.length ?? 0) > 5)
  t.ok(view?.checks?.some(({ ok, remedy }) => !ok && remedy !== ''))
  const quickly = await staff.look(answer.session, quick, signal)
  t.equal(quickly?.checks, undefined, 'what takes long is done when it is asked for')
  t.equal(kiosk.visit?.view.listensAlone, true, 'its headphones are in')
})
