/**
 * Goal: systemd hears that the kiosk serves and lives, and hears nothing while it does not.
 * Method: a program in the place of systemd-notify writes down what it is told.
 */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { serviceManager } from '../../src/health/service-manager.ts'
import { until } from '../support/until.ts'

/** A manager, and the words it has heard. */
function listening(folder: string, env: NodeJS.ProcessEnv) {
  const program = join(folder, 'notify')
  const heard = join(folder, 'heard')
  writeFileSync(program, `#!/bin/sh\necho "$NOTIFY_SOCKET $1" >>'${heard}'\n`)
  chmodSync(program, 0o755)
  const manager = serviceManager({ PATH: process.env.PATH, ...env }, program)
  const words = () => (existsSync(heard) ? readFileSync(heard, 'utf8').trim().split('\n') : [])
  return { manager, words }
}

t.test('ready, alive, stopping', async t => {
  const { manager, words } = listening(t.testdir(), { NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '90000' })
  await manager.ready()
  t.same(words(), ['/run/x READY=1'])
  const end = manager.watch(async () => true)
  await until(() => words().length >= 3)
  end()
  t.same(words().slice(0, 3), ['/run/x READY=1', '/run/x WATCHDOG=1', '/run/x WATCHDOG=1'])
  await setTimeout(200)
  const before = words().length
  await setTimeout(200)
  t.equal(words().length, before, 'nothing more once it has ended')
  await manager.stopping()
  t.equal(words().at(-1), '/run/x STOPPING=1')
})

t.test('a kiosk that is unwell, hangs or fails says nothing, and speaks again once it is well', async t => {
  const env = { NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '60000' }
  const unwell = listening(t.testdir({ a: {} }), env)
  let isWell = false
  let asked = 0
  const end = unwell.manager.watch(async () => {
    asked++
    if (asked === 2) throw new Error('broken')
    return isWell
  })
  await until(() => asked > 4)
  t.same(unwell.words(), [])
  isWell = true
  await until(() => unwell.words().length > 0)
  end()
  const hanging = listening(join(t.testdirName, 'a'), env)
  let hangs = 0
  const stop = hanging.manager.watch(() => {
    hangs++
    return new Promise(() => {})
  })
  await setTimeout(300)
  stop()
  t.equal(hangs, 1)
  t.same(hanging.words(), [])
})

t.test('without a manager nothing is said', async t => {
  const { manager, words } = listening(t.testdir(), { WATCHDOG_USEC: '30000' })
  await manager.ready()
  manager.watch(async () => true)()
  await manager.stopping()
  t.same(words(), [])
})
