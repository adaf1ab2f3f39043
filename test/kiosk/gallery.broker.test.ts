/**
 * Goal: operations name a district; the people whom the ABIS has there reach the kiosk, and whoever of them comes again
 * is recognised there as if they had been enrolled there; they are gone when it is named no more.
 * Method: a real Mosquitto, the ABIS, the kiosk on its simulated board, real keys. The kiosk forgets its own templates at
 * its second start, so what it recognises was sent.
 */
import { join } from 'node:path'
import t from 'tap'
import { shippedBoard } from '../../hal/board/shipped-boards.ts'
import { simulatedCitizen } from '../../hal/sim/citizen.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openAbis } from '../../src/cli/abis/open-abis.ts'
import { openConfigFolder } from '../../src/config/folder.ts'
import { enrolUnattended } from '../../src/enrolment/unattended.ts'
import { openAbisKeys, openSigningKeys } from '../../src/keys/file-key-store.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { openKiosk } from '../../src/kiosk.ts'
import { connectBroker } from '../../src/mqtt/connect.ts'
import { kioskTopic } from '../../src/mqtt/topics.ts'
import type { Submission } from '../../src/record/submission.ts'
import { openAbisSeal } from '../../src/seal/abis-seal.ts'
import { openOpsSeal } from '../../src/seal/config-seal.ts'
import { settingsSchema } from '../../src/settings/settings.ts'
import { connected } from '../contract/broker.ts'
import { startPlainMosquitto } from '../mqtt/plain-mosquitto.ts'
import { collect } from '../store/fixture.ts'
import { until } from '../support/until.ts'

t.setTimeout(600_000)

const KIOSK = 'kiosk-demo'
const at = '2026-01-01T00:00:00.000Z'
const clock = systemClock

t.test('a district is named, its people are recognised, another is named', async t => {
  const data = t.testdir()
  await initDemoKeys(data, { clock })
  const { url } = await startPlainMosquitto(t)
  const { abis, close } = await openAbis({ data, url, clock, log: silentLog })
  const keys = join(data, 'keys')
  const seal = openOpsSeal({ keys: await openSigningKeys(join(keys, 'ops'), 'ops'), clock })
  const centre = openAbisSeal({ keys: await openAbisKeys(join(keys, 'abis')), clock })
  const backoff = { backoffMsMin: 100, backoffMsMax: 1_000 }
  const operations = connectBroker({
    url,
    clientId: 'ops',
    backoff,
    clock,
    random: Math.random,
    log: silentLog,
  })
  const submissions: Submission[] = []
  await operations.subscribe(kioskTopic(KIOSK, 'submission'), async ({ body }) => {
    submissions.push(await centre.openSubmission(KIOSK, body))
  })
  await connected(operations)
  const push = async (version: number, scope: string[]) => {
    const { body } = await seal.sealConfig(KIOSK, { version, settings: { gallery: { scope } } })
    await operations.publish({ topic: kioskTopic(KIOSK, 'config/desired'), body, qos: 1, retain: true })
  }
  const base = settingsSchema.parse({ broker: { url, ...backoff }, retention: { templatesMsMax: 0 } })
  const open = async () => {
    const kept = await openConfigFolder(data, { log: silentLog, at })
    const kiosk = await openKiosk({
      data,
      settings: kept.settings(base, at),
      configurations: { kept, base },
      clock,
      log: silentLog,
      board: shippedBoard('simulated'),
      simulation: { citizen: simulatedCitizen(11), placingMs: 0, lineMs: 0 },
    })
    if (kiosk.visit === undefined) throw new Error('the board has a sensor')
    return { ...kiosk, visit: kiosk.visit }
  }
  t.teardown(async () => {
    await operations.close()
    await close()
  })

  await push(1, ['317101'])
  const before = await open()
  const { recordId } = await enrolUnattended(before.visit, { nik: '3171011708850001' })
  await until(async () => (await abis.record(recordId))?.outcome?.status === 'PRINT_READY_RECORD')
  await until(async () => (await before.store.record(recordId))?.status === 'PRINT_READY_RECORD')
  await before.close()

  const kiosk = await open()
  t.teardown(() => kiosk.close())
  await until(async () => (await kiosk.store.sent.state()).fingers > 0)
  await until(async () => (await collect(kiosk.store.gallery())).length === 0)
  t.same(
    (await collect(kiosk.store.sent.all())).map(({ id }) => id),
    [recordId],
  )
  t.same(submissions[0].hints, [], 'nobody was known when they came first')
  const again = await enrolUnattended(kiosk.visit, { nik: '3171011708850002' })
  await until(() => submissions.some(({ id }) => id === again.recordId))
  const hints = submissions.find(({ id }) => id === again.recordId)?.hints ?? []
  t.ok(hints.length > 0)
  t.same([...new Set(hints.map(({ candidate }) => candidate.split('/')[0]))], [recordId])

  await push(2, ['7371'])
  await until(async () => (await kiosk.store.sent.state()).fingers === 0)
  t.same(await collect(kiosk.store.sent.all()), [])
})
