/**
 * Goal: a kiosk does what operations signed for it, in time, once; and nothing else, whoever sends it.
 * Method: real seals on a broker in memory, a clock that the test moves, a disk in memory that can be cut.
 */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { KioskError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import { CommandRunner } from '../../src/config/command-runner.ts'
import { folderDisk } from '../../src/config/disk.ts'
import { openSigningKeys } from '../../src/keys/file-key-store.ts'
import { MemoryBroker } from '../../src/mqtt/memory-broker.ts'
import { kioskTopic } from '../../src/mqtt/topics.ts'
import { openConfigSeal, openOpsSeal } from '../../src/seal/config-seal.ts'
import type { CommandAnswer, CommandOutcome, RemoteCommand } from '../../src/settings/remote-command.ts'
import { demoKeys } from '../support/demo-keys.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { until } from '../support/until.ts'

const clock = new ManualClock(Date.now())
const { keys, kioskKeys, abisKeys } = await demoKeys(t, clock)
const ops = openOpsSeal({ keys: await openSigningKeys(join(keys, 'ops'), 'ops'), clock })
const soon = (seconds: number) => new Date(clock.nowMs() + seconds * 1_000).toISOString()

async function newKiosk(t: Test, folder = t.testdir()) {
  const memory = new MemoryBroker({ clock, random: () => 0.5 })
  const broker = memory.connect(kioskKeys.name)
  const world = memory.connect('the-world')
  const answers: CommandAnswer[] = []
  const done: string[] = []
  let outcome: () => Promise<CommandOutcome> = async () => ({ state: 'done' })
  await world.subscribe(kioskTopic(kioskKeys.name, 'command/answer'), async ({ body }) => {
    answers.push(JSON.parse(Buffer.from(body).toString()))
  })
  const runner = new CommandRunner({
    broker,
    seal: openConfigSeal({ keys: kioskKeys, clock }),
    clock,
    log: silentLog,
    disk: folderDisk(folder),
    perform: async name => {
      done.push(name)
      return await outcome()
    },
  })
  await runner.start()
  await clock.advance(100)
  t.teardown(() =>
    clock.finish(
      (async () => {
        await runner.stop()
        await Promise.all([broker.close(), world.close()])
      })(),
    ),
  )
  const publish = (body: Uint8Array) =>
    world.publish({ topic: kioskTopic(kioskKeys.name, 'command'), body, qos: 1 })
  const send = async (command: Partial<RemoteCommand>, kiosk = kioskKeys.name) => {
    const whole = { sequence: 1, expiresAt: soon(60), name: 'test-print', ...command }
    await publish((await ops.sealCommand(kiosk, whole)).body)
  }
  const answered = (count: number) =>
    until(async () => {
      await clock.advance(10)
      return answers.length >= count
    })
  return {
    folder,
    answers,
    done,
    send,
    publish,
    answered,
    does: (next: () => Promise<CommandOutcome>) => {
      outcome = next
    },
  }
}

t.test('done and answered; again, older or too late is refused and not done', async t => {
  const { send, answers, answered, done } = await newKiosk(t)
  await send({ sequence: 5 })
  await answered(1)
  t.match(answers[0], { sequence: 5, name: 'test-print', state: 'done' })
  await send({ sequence: 5 })
  await send({ sequence: 4, name: 'restart' })
  await send({ sequence: 6, expiresAt: soon(-1) })
  await answered(4)
  t.match(answers.slice(1), [
    { sequence: 5, state: 'refused', code: 'stale' },
    { sequence: 4, state: 'refused', code: 'stale' },
    { sequence: 6, state: 'refused', code: 'expired' },
  ])
  t.same(done, ['test-print'])
})

t.test('what nobody of operations signed for this kiosk is neither done nor answered', async t => {
  const { send, publish, answers, answered, done } = await newKiosk(t)
  const command = { sequence: 9, expiresAt: soon(60), name: 'restart' }
  await send({ sequence: 9 }, 'kiosk-other')
  await publish((await ops.sealConfig(kioskKeys.name, command)).body)
  // The keys of the ABIS sign much, but no commands.
  await publish((await openOpsSeal({ keys: abisKeys, clock }).sealCommand(kioskKeys.name, command)).body)
  await publish(Buffer.from(JSON.stringify(command)))
  await publish(Buffer.alloc(20_000, 'x'))
  await send({ name: 'shell' as 'restart' })
  await send({ sequence: 10, name: 'diagnostics' })
  await answered(1)
  t.match(answers, [{ sequence: 10, name: 'diagnostics', state: 'done' }])
  t.same(done, ['diagnostics'])
})

t.test('a number that was used is used after a restart, too, even if nothing came of it', async t => {
  const folder = t.testdir()
  const first = await newKiosk(t, folder)
  let finish = (_: CommandOutcome) => {}
  first.does(() => new Promise(resolve => (finish = resolve)))
  await first.send({ sequence: 5 })
  await until(() => first.done.length === 1)
  const next = await newKiosk(t, folder)
  await next.send({ sequence: 5 })
  await next.answered(1)
  t.match(next.answers, [{ sequence: 5, state: 'refused', code: 'stale' }])
  t.same(next.done, [])
  finish({ state: 'done' })
})

t.test('what fails says why; what is long is cut', async t => {
  const { send, answers, answered, does } = await newKiosk(t)
  does(async () => {
    throw new KioskError('hal/paper-out')
  })
  await send({ sequence: 1 })
  await answered(1)
  t.match(answers[0], { state: 'failed', code: 'hal/paper-out', detail: /no paper/ })
  does(async () => ({ state: 'done', text: 'x'.repeat(1_000_000), detail: 'y'.repeat(1_000) }))
  await send({ sequence: 2, name: 'diagnostics' })
  await answered(2)
  t.equal(answers[1].text?.length, 256 * 1024)
  t.equal(answers[1].detail?.length, 400)
})
