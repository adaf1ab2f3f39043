import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  compileTracker,
  cutPower,
  nameRules,
  startTracking,
  type Tracker,
  tails,
} from '../../scripts/faults/power-cut.ts'
import { bundleBusyChild, runUntilKilled } from './child.ts'
import { openFolderStore } from './folder.ts'
import { Told } from './told.ts'

/**
 * Goal: a power cut loses nothing that was acknowledged, and a disk that lied about it is noticed.
 * Method: a child works on a real data folder, its syncs and names tracked; it is killed, and its folder
 * made into what a disk might have kept: unsynced bytes cut, zeroed or junk, unsynced names undone. Then
 * the folder is held against every line that the child, and all before it, had said.
 */
t.setTimeout(300_000)
const LIVES_MAX = 20

async function prepare(
  t: Test,
): Promise<{ script: string; library: string; data: string; tracker: Tracker }> {
  const folder = t.testdir({ data: {}, bundle: {} })
  const data = join(folder, 'data')
  const tracker = { root: data, journal: join(folder, 'journal'), kept: join(folder, 'kept') }
  const script = await bundleBusyChild(join(folder, 'bundle'))
  return { script, library: await compileTracker(folder), data, tracker }
}

t.test('power cuts', async t => {
  const { script, library, data, tracker } = await prepare(t)
  const told = new Told()
  const lost = { names: 0, bytes: 0 }
  let people = 0
  for (const names of nameRules)
    for (const tail of ['cut', ...tails] as const) {
      const env = await startTracking(tracker, library)
      people += 7
      const life = { turns: 2 + Math.floor(Math.random() * 5), lifeMs: Math.random() * 100 }
      told.hear(await runUntilKilled(script, { data, people, env, ...life }))
      const taken = await cutPower(tracker, { tail, names, random: Math.random })
      lost.names += taken.names
      lost.bytes += taken.bytes
      const store = await openFolderStore(data)
      t.same(await told.contradictions(store), [], `${names} names, ${tail} tails`)
      await store.close()
    }
  t.comment({ enrolled: told.enrolled.size, settled: told.settled.size, ...lost })
  t.ok(told.enrolled.size > 50, 'there was something to lose')
  t.ok(lost.bytes > 0, 'bytes were taken away')
})

t.test('the disk lies about the log of the database', async t => {
  let lost = 0
  let enrolled = 0
  // What was put into a table since was not lied about: some lives lose nothing.
  for (let life = 0; life < LIVES_MAX && lost === 0; life++) {
    const { script, library, data, tracker } = await prepare(t)
    const told = new Told()
    const env = { ...(await startTracking(tracker, library)), SYNC_TRACKER_LIE_ABOUT: '.log' }
    told.hear(await runUntilKilled(script, { data, people: 0, turns: 3, lifeMs: 50, env }))
    await cutPower(tracker, { tail: 'cut', names: 'strict', random: () => 0 })
    const store = await openFolderStore(data)
    const missing = new Set(store.auditFindings.map(({ sequence }) => sequence))
    // One that took the place of another is not missed by its number while the other is there.
    const held = new Set((await store.outbox.peek(100_000)).map(({ sequence }) => sequence))
    enrolled += told.enrolled.size
    for (const [id, { sequence }] of told.enrolled) {
      if ((await store.record(id)) || held.has(sequence)) continue
      lost++
      if (!missing.has(sequence)) t.fail('lost without a word', { sequence })
    }
    await store.close()
  }
  t.ok(lost > 0, `${lost} of ${enrolled} acknowledged enrolments were lost and reported`)
})

t.test('the disk is full or broken for a while, and the kiosk recovers by itself', async t => {
  const { script, library, data, tracker } = await prepare(t)
  const told = new Told()
  const ENOSPC = '28'
  const EIO = '5'
  for (const [errno, from] of [
    [ENOSPC, 40],
    [EIO, 90],
    [ENOSPC, 151],
    [EIO, 62],
  ] as const) {
    const env = {
      ...(await startTracking(tracker, library)),
      SYNC_TRACKER_FAIL_FROM: String(from),
      SYNC_TRACKER_FAIL_COUNT: '9',
      SYNC_TRACKER_FAIL_ERRNO: errno,
    }
    const recovered = (output: string) => {
      const refusals = output.split('\nrefused').slice(1)
      return refusals.length > 0 && /^enrolled/m.test(refusals.at(-1) ?? '')
    }
    const output = await runUntilKilled(script, {
      data,
      people: from,
      lifeMs: 120_000,
      said: recovered,
      env,
    })
    told.hear(output)
    t.match(output, /^refused/m, `errno ${errno}: refused`)
    t.match(output.slice(output.lastIndexOf('refused')), /^enrolled/m, `errno ${errno}: and went on`)
    await cutPower(tracker, { tail: 'part', names: 'ordered', random: Math.random })
    const store = await openFolderStore(data)
    t.same(await told.contradictions(store), [], `errno ${errno} from operation ${from}`)
    await store.close()
  }
})
