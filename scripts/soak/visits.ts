import { screens } from '../../test/ui/page-kiosk.ts'
import { atPage, memoryOf, residentMemoryOf } from '../page-visits.ts'
import type { Soak } from '../soak.ts'

const VISITS = 1000
/** What is made once, with the first visits: compiled code, fonts, formats. */
const SETTLED_VISITS = 50
const LOOK_EVERY = 50
/** Of what was there when it had settled; the collector leaves some until later. */
const HEAP_GROWTH_MAX = 1.1
const HEAP_MIB_SPARE = 0.3
/** Of a screen that is being left. */
const NODES_SPARE = 50

/** The page's memory does not grow with visits: nothing of one person stays for the next, and nothing runs full. */
export const visits: Soak = async ({ count = VISITS, print, progress }) => {
  let isFlat = true
  await atPage(async ({ browser, visitor }) => {
    const { visit, cdp } = await visitor()
    let settled: { heapMib: number; nodes: number } | undefined
    for (let visits = 1; visits <= count; visits++) {
      progress(`visit ${visits}`)
      await visit(visits)
      if (visits % LOOK_EVERY !== 0 && visits !== count) continue
      const memory = await memoryOf(cdp)
      print({ visits, ...memory, ...(await residentMemoryOf(browser)) })
      if (settled === undefined && visits >= SETTLED_VISITS) settled = memory
      else if (settled !== undefined)
        isFlat =
          memory.nodes <= settled.nodes + NODES_SPARE &&
          memory.heapMib <= settled.heapMib * HEAP_GROWTH_MAX + HEAP_MIB_SPARE
    }
  }, screens.small)
  return isFlat
}
