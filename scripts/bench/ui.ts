/**
 * How fast the page answers a person: 100 visits of two fingers at a whole kiosk (`page-visits.ts`).
 *
 * - contact → feedback: from the sensor's `onContact` to the painted "your finger is felt".
 * - last finger → done: from the last finger's contact, over its reading (100 ms), quality, comparison, search, a
 *   touch on "save" made at once, sealing and the disk, to the painted "Selesai".
 * - first paint: of the page, opened anew.
 * - heap and nodes of the page after 10 visits and after the last one: they must not grow with visits.
 */
import type { Page as Tab } from 'playwright-core'
import { openTab, screens } from '../../test/ui/page-kiosk.ts'
import type { BenchContext } from '../bench.ts'
import { atPage, memoryOf } from '../page-visits.ts'

const VISITS = 100
const SETTLED_VISITS = 10
const LOADS = 10

export async function ui({ print, progress }: BenchContext): Promise<void> {
  await atPage(async ({ browser, url, visitor }) => {
    const paintMs: number[] = []
    for (let load = 0; load < LOADS; load++) {
      const tab = await openTab(browser, url, screens.landscape)
      paintMs.push(await firstPaintMs(tab))
      await tab.context().close()
    }
    const { visit, cdp, measured } = await visitor()
    let settled = { heapMib: 0, nodes: 0 }
    for (let visits = 1; visits <= VISITS; visits++) {
      progress(`visit ${visits}`)
      await visit(visits)
      if (visits === SETTLED_VISITS) settled = await memoryOf(cdp)
    }
    const last = await memoryOf(cdp)
    print({
      visits: VISITS,
      contactToFeedbackMsP50: percentile(measured.feedbackMs, 0.5),
      contactToFeedbackMsP95: percentile(measured.feedbackMs, 0.95),
      lastFingerToDoneMsP50: percentile(measured.doneMs, 0.5),
      lastFingerToDoneMsP95: percentile(measured.doneMs, 0.95),
      firstPaintMsP50: percentile(paintMs, 0.5),
      firstPaintMsP95: percentile(paintMs, 0.95),
      heapMibAfter10: settled.heapMib,
      heapMibAfterLast: last.heapMib,
      nodesAfter10: settled.nodes,
      nodesAfterLast: last.nodes,
    })
  })
}

async function firstPaintMs(tab: Tab): Promise<number> {
  const source = `new Promise(resolve => {
    new PerformanceObserver(list => resolve(list.getEntriesByName('first-contentful-paint')[0]?.startTime))
      .observe({ type: 'paint', buffered: true })
  })`
  return (await tab.evaluate(source)) as number
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] * 10) / 10
}
