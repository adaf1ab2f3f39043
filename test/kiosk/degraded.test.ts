/**
 * Goal: a kiosk with a part missing serves as far as it can, says so on screen and to operations, and one that was
 * broken into stops with its data key gone.
 * Method: the whole kiosk over a real broker, its simulated board with faults.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Board } from '../../hal/board/board.ts'
import { shippedBoard } from '../../hal/board/shipped-boards.ts'
import { startEmbeddedBroker } from '../../scripts/embedded-broker.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { openKiosk } from '../../src/kiosk.ts'
import { connectBroker } from '../../src/mqtt/connect.ts'
import { anyKioskFilter } from '../../src/mqtt/topics.ts'
import { settingsSchema } from '../../src/settings/settings.ts'
import { until } from '../support/until.ts'

t.setTimeout(120_000)

function boardWith(changes: Readonly<Record<string, object>>): Board {
  const board: Board = shippedBoard('simulated')
  return { ...board, parts: board.parts.map(part => ({ ...part, ...changes[part.name] })) }
}

async function kioskOn(t: Test, board: Board, health: object = {}) {
  const data = t.testdir()
  await initDemoKeys(data, { clock: systemClock })
  const broker = await startEmbeddedBroker()
  t.teardown(() => broker.stop())
  const settings = settingsSchema.parse({ broker: { url: broker.url }, health })
  const told: Record<string, unknown>[] = []
  const operations = connectBroker({
    ...settings.broker,
    clientId: 'operations',
    backoff: settings.broker,
    clock: systemClock,
    random: Math.random,
    log: silentLog,
  })
  t.teardown(() => operations.close())
  await operations.subscribe(anyKioskFilter('telemetry'), async ({ body }) => {
    told.push(JSON.parse(Buffer.from(body).toString()))
  })
  const kiosk = await openKiosk({ data, settings, clock: systemClock, log: silentLog, board })
  t.teardown(() => kiosk.close())
  return { kiosk, told, data }
}

t.test('no sensor and no paper: said on screen, told to operations, and the rest goes on', async t => {
  const board = boardWith({ fingerprint: { fault: 'unplugged' }, receipt: { fault: 'paper-out' } })
  const { kiosk, told } = await kioskOn(t, board)
  t.match(kiosk.visit?.view, { step: 'idle', limits: ['no-sensor', 'no-printer'] })
  await until(() => told.length > 0)
  t.match(told[0], { limits: ['no-sensor', 'no-printer'], staffCalled: false })
  t.match(
    (told[0].parts as { name: string; up: boolean; code?: string }[]).filter(({ up }) => !up),
    [
      { name: 'fingerprint', code: 'hal/no-answer' },
      { name: 'receipt', code: 'hal/paper-out' },
    ],
  )
  kiosk.visit?.dispatch({ visit: kiosk.visit.view.visit, name: 'help' })
  await until(() => told.some(({ staffCalled }) => staffCalled === true))
  t.pass('a call for staff reaches operations at once')
})

t.test('broken into, with the key to be erased: it stops, and cannot be opened again', async t => {
  const { kiosk, told, data } = await kioskOn(t, boardWith({ housing: { active: true } }), {
    onTamper: 'erase',
  })
  await until(() => kiosk.mustStop.aborted)
  t.notOk(existsSync(join(data, 'keys/kiosk/data.key')))
  await until(() => told.some(({ housingOpenedAt }) => housingOpenedAt !== undefined))
  await kiosk.close()
  const options = { data, settings: settingsSchema.parse({}), clock: systemClock, log: silentLog }
  await t.rejects(openKiosk(options), { code: 'keys/missing' })
})
