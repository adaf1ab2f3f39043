import { mkdir } from 'node:fs/promises'
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
const CYCLES = 200
/** Then a new one: all that was ever said is held against the folder after each kill. */
const CYCLES_A_FOLDER = 20
t.setTimeout(550_000)

t.test(`${CYCLES} kills`, async t => {
  const folder = t.testdir({ bundle: {} })
  const script = await bundleBusyChild(join(folder, 'bundle'))
  let enrolled = 0
  let settled = 0
  for (let first = 0; first < CYCLES; first += CYCLES_A_FOLDER) {
    const data = join(folder, `data-${first}`)
    await mkdir(data)
    const told = new Told()
    for (let cycle = first; cycle < first + CYCLES_A_FOLDER; cycle++) {
      // Every second one comes as far as a settlement, however slow the machine.
      const life = { turns: cycle % 2, lifeMs: Math.random() * 100 }
      told.hear(await runUntilKilled(script, { data, people: cycle * 7, ...life }))
      const store = await openFolderStore(data)
      t.same(await told.contradictions(store), [], `cycle ${cycle}`)
      await store.close()
    }
    enrolled += told.enrolled.size
    settled += told.settled.size
  }
  t.ok(enrolled > CYCLES, `${enrolled} enrolments were acknowledged`)
  t.ok(settled > CYCLES / 2, `${settled} were settled`)
})
