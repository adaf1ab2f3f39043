import { join } from 'node:path'
import t from 'tap'
import { bundleBusyChild, runUntilKilled } from './child.ts'
import { openFolderStore } from './folder.ts'
import { Told } from './told.ts'

/**
 * Goal: a killed kiosk has everything that it acknowledged, and gives no sequence number twice.
 * Method: a child works on a real data folder until SIGKILL at a random moment; then its folder is held
 * against every line that it, and all before it, had said.
 */
const CYCLES = 30
t.setTimeout(300_000)

t.test(`${CYCLES} kills`, async t => {
  const folder = t.testdir({ data: {}, bundle: {} })
  const data = join(folder, 'data')
  const script = await bundleBusyChild(join(folder, 'bundle'))
  const told = new Told()
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    told.hear(await runUntilKilled(script, { data, people: cycle * 7, lifeMs: Math.random() * 150 }))
    const store = await openFolderStore(data)
    t.same(await told.contradictions(store), [], `cycle ${cycle}`)
    await store.close()
  }
  t.ok(told.enrolled.size > CYCLES, `${told.enrolled.size} enrolments were acknowledged`)
  t.ok(told.settled.size > CYCLES / 2, `${told.settled.size} were settled`)
})
