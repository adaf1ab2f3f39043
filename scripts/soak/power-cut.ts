import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '../../src/finger/synthetic/random.ts'
import { bundleBusyChild, runUntilKilled } from '../../test/store/child.ts'
import { openFolderStore } from '../../test/store/folder.ts'
import { Told } from '../../test/store/told.ts'
import { compileTracker, cutPower, nameRules, startTracking, tails } from '../faults/power-cut.ts'
import type { Soak } from '../soak.ts'

const CYCLES = 500
/** A new data folder now and then: a first start can be cut off, too, and a long queue takes long to check. */
const CYCLES_A_FOLDER = 25
const LIFE_MS_MAX = 1500
const STREAM = 0x9c07

/**
 * Power cuts of a busy kiosk, one after the other (test/store/power-cut.test.ts has a dozen): nothing that
 * was acknowledged is lost, no number is used twice, and the audit finds nothing to say. The seed decides
 * what is taken away; when the child is killed depends on the machine.
 */
export const powerCut: Soak = async ({ seed, count = CYCLES, print, progress }) => {
  const folder = await mkdtemp(join(tmpdir(), 'tunggal-soak-'))
  const generator = new Random(seed, STREAM)
  const random = () => generator.uniform()
  const totals = { cycles: 0, enrolled: 0, settled: 0, namesUndone: 0, bytesLost: 0, contradictions: 0 }
  try {
    const script = await bundleBusyChild(join(folder, 'bundle'))
    const library = await compileTracker(folder)
    const data = join(folder, 'data')
    const tracker = { root: data, journal: join(folder, 'journal'), kept: join(folder, 'kept') }
    let told = new Told()
    for (let cycle = 0; cycle < count; cycle++) {
      if (cycle % CYCLES_A_FOLDER === 0) {
        await rm(data, { recursive: true, force: true })
        await mkdir(data)
        told = new Told()
      }
      progress(`cut ${cycle + 1} of ${count}, ${totals.contradictions} contradictions`)
      const env = await startTracking(tracker, library)
      const before = { enrolled: told.enrolled.size, settled: told.settled.size }
      told.hear(
        await runUntilKilled(script, { data, people: cycle * 7, lifeMs: random() * LIFE_MS_MAX, env }),
      )
      const tail = tails[Math.floor(random() * tails.length)]
      const names = nameRules[Math.floor(random() * nameRules.length)]
      const taken = await cutPower(tracker, { tail, names, random })
      const store = await openFolderStore(data)
      const wrong = await told.contradictions(store)
      await store.close()
      for (const what of wrong) print({ seed, cycle, tail, names, wrong: what })
      totals.cycles++
      totals.enrolled += told.enrolled.size - before.enrolled
      totals.settled += told.settled.size - before.settled
      totals.namesUndone += taken.names
      totals.bytesLost += taken.bytes
      totals.contradictions += wrong.length
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  print({ seed, ...totals })
  return totals.contradictions === 0 && totals.enrolled > 0
}
