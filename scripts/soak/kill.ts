import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '../../src/finger/synthetic/random.ts'
import { bundleBusyChild, runUntilKilled } from '../../test/store/child.ts'
import { openFolderStore } from '../../test/store/folder.ts'
import { Told } from '../../test/store/told.ts'
import type { Soak } from '../soak.ts'

const CYCLES = 2_000
/** As in the power-cut soak: a long queue takes long to check. */
const CYCLES_A_FOLDER = 25
const LIFE_MS_MAX = 150
const STREAM = 0x9c08

/** SIGKILL to a busy kiosk, one after the other (test/store/kill.test.ts has 200), on one folder after the other. */
export const kill: Soak = async ({ seed, count = CYCLES, print, progress }) => {
  const folder = await mkdtemp(join(tmpdir(), 'tunggal-soak-'))
  const random = new Random(seed, STREAM)
  const totals = { cycles: 0, enrolled: 0, settled: 0, contradictions: 0 }
  try {
    const script = await bundleBusyChild(join(folder, 'bundle'))
    const data = join(folder, 'data')
    let told = new Told()
    for (let cycle = 0; cycle < count; cycle++) {
      if (cycle % CYCLES_A_FOLDER === 0) {
        await rm(data, { recursive: true, force: true })
        await mkdir(data)
        told = new Told()
      }
      progress(`kill ${cycle + 1} of ${count}, ${totals.contradictions} contradictions`)
      const before = { enrolled: told.enrolled.size, settled: told.settled.size }
      const lifeMs = random.uniform() * LIFE_MS_MAX
      told.hear(await runUntilKilled(script, { data, people: cycle * 7, lifeMs }))
      const store = await openFolderStore(data)
      const wrong = await told.contradictions(store)
      await store.close()
      for (const what of wrong) print({ seed, cycle, wrong: what })
      totals.cycles++
      totals.enrolled += told.enrolled.size - before.enrolled
      totals.settled += told.settled.size - before.settled
      totals.contradictions += wrong.length
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  print({ seed, ...totals })
  return totals.contradictions === 0 && totals.enrolled > 0
}
