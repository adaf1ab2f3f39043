/**
 * Goal: operations take a kiosk out of service and back: whoever has begun is served to the end, nobody else begins, it
 * is told to operations, and neither a restart nor a power cut forgets it.
 * Method: the whole kiosk on its simulated board; commands signed and sent as the fleet tool does; the file cut at
 * every step of a write.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { shippedBoard } from '../../hal/board/shipped-boards.ts'
import { simulatedCitizen } from '../../hal/sim/citizen.ts'
import { startEmbeddedBroker } from '../../scripts/embedded-broker.ts'
import { systemClock as clock } from '../../src/base/clock.ts'
import { silentLog as log } from '../../src/base/log.ts'
import { enrolUnattended } from '../../src/enrolment/unattended.ts'
import { FleetView } from '../../src/fleet/fleet-view.ts'
import { sendCommand } from '../../src/fleet/send-command.ts'
import { openSigningKeys } from '../../src/keys/file-key-store.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { Maintenance } from '../../src/kiosk/maintenance.ts'
import { openKiosk } from '../../src/kiosk.ts'
import { connectBroker } from '../../src/mqtt/connect.ts'
import type { VisitCommand, VisitView } from '../../src/record/visit-view.ts'
import { openOpsSeal } from '../../src/seal/config-seal.ts'
import type { CommandAnswer, RemoteCommandName } from '../../src/settings/remote-command.ts'
import { settingsSchema } from '../../src/settings/settings.ts'
import { CutDisk, fates } from '../config/cut-disk.ts'
import { connected } from '../contract/broker.ts'
import { until } from '../support/until.ts'

t.setTimeout(120_000)
const KIOSK = 'kiosk-demo'
type Without<T> = T extends unknown ? Omit<T, 'visit'> : never
type TouchCommand = Without<VisitCommand>

async function newWorld(t: Test) {
  const data = t.testdir()
  await mkdir(data, { recursive: true })
  await initDemoKeys(data, { clock })
  const embedded = await startEmbeddedBroker()
  t.teardown(() => embedded.stop())
  const settings = settingsSchema.parse({ broker: { url: embedded.url } })
  const seal = openOpsSeal({ keys: await openSigningKeys(join(data, 'keys/ops'), 'ops'), clock })
  const backoff = settings.broker
  const broker = connectBroker({
    url: embedded.url,
    clientId: seal.ops,
    backoff,
    clock,
    random: Math.random,
    log,
  })
  const view = await FleetView.open({ broker, seal, clock, log })
  await connected(broker)
  t.teardown(() => broker.close())
  return {
    stateIs: (state: string) => until(() => view.kiosks.get(KIOSK)?.state?.state === state),
    telemetry: () => view.kiosks.get(KIOSK)?.telemetry,
    open: async () => {
      const kiosk = await openKiosk({
        data,
        settings,
        clock,
        log,
        board: shippedBoard('simulated'),
        simulation: { citizen: simulatedCitizen(11), placingMs: 0, lineMs: 0 },
      })
      t.teardown(() => kiosk.close())
      if (kiosk.visit === undefined) throw new Error('the board has a sensor')
      return { ...kiosk, visit: kiosk.visit }
    },
    async command(name: RemoteCommandName) {
      const answers: CommandAnswer[] = []
      const silent = await sendCommand(
        { view, broker, seal, clock },
        { name, kiosks: [KIOSK], waitMs: 60_000 },
        { signal: new AbortController().signal, onAnswer: (_, answer) => answers.push(answer) },
      )
      t.same(silent, [])
      t.match(answers, [{ name, state: 'done' }])
    },
  }
}

t.test('out of service, through a restart, and back', async t => {
  const { open, command, stateIs, telemetry } = await newWorld(t)
  const kiosk = await open()
  await stateIs('online')
  const { visit } = kiosk
  const touch = (command: TouchCommand) =>
    visit.dispatch({ visit: visit.view.visit, ...command } as VisitCommand)
  const reaches = (step: VisitView['step']) => until(() => visit.view.step === step, 60_000)
  touch({ name: 'begin', language: 'id' })
  await reaches('identify')
  await command('maintenance-on')
  await stateIs('maintenance')
  await until(() => visit.view.limits.includes('maintenance'))
  t.equal(visit.view.step, 'identify', 'whoever has begun is still there')
  touch({ name: 'nik', text: '3171011708850001' })
  touch({ name: 'confirm' })
  touch({ name: 'consent', agreed: true })
  await reaches('review')
  touch({ name: 'submit' })
  await reaches('done')
  t.equal(kiosk.store.outbox.count, 1, 'and is served to the end')
  touch({ name: 'leave' })
  await until(() => visit.view.step === 'idle')
  await until(() => telemetry()?.limits.includes('maintenance') === true)
  touch({ name: 'begin', language: 'id' })
  t.match(visit.view, { step: 'idle', limits: ['maintenance'] }, 'nobody else begins')
  await kiosk.close()
  await stateIs('offline')

  const again = await open()
  await stateIs('maintenance')
  await until(() => again.visit.view.limits.includes('maintenance'))
  await command('maintenance-off')
  await stateIs('online')
  await until(() => again.visit.view.limits.length === 0)
  t.ok((await enrolUnattended(again.visit, { nik: '3171011708850002' })).recordId)
})

t.test('a power cut leaves what was, or what is to be', async t => {
  const turned = async (disk: CutDisk) => {
    const maintenance = await Maintenance.open(disk)
    await maintenance.turn(true)
    await maintenance.turn(false)
  }
  const whole = new CutDisk()
  await turned(whole)
  t.ok(whole.operations >= 8, `${whole.operations} operations`)
  for (let cutAt = 0; cutAt < whole.operations; cutAt++)
    for (const fate of fates)
      for (let namesKept = 0; ; namesKept++) {
        const disk = new CutDisk(cutAt)
        await turned(disk).catch(() => {})
        if (namesKept > disk.volatileNames) break
        const { isOn } = await Maintenance.open(disk.afterCut(namesKept, fate))
        const isDurablyOn = cutAt === whole.operations / 2
        if (isDurablyOn && !isOn) t.fail('forgotten', { cutAt, fate, namesKept })
        const wasNeverOn = cutAt === 0
        if (wasNeverOn && isOn) t.fail('out of nothing', { cutAt, fate, namesKept })
      }
})
