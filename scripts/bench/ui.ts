/**
 * How fast the page answers a person: 100 visits of two fingers at a whole kiosk (`page-visits.ts`).
 *
 * - contact → feedback: from the sensor's `onContact` to the painted "your finger is felt".
 * - last finger → done: from the last finger's contact, over its reading (100 ms), quality, comparison, search, a
 *   touch on "save" made at once, sealing and the disk, to the painted "Selesai".
 * - first paint: of the page, opened anew; beside it, by turns, that of an empty page with the same headers, which is
 *   what browser and machine cost, and the processor time of the page's own thread until then.
 * - heap and nodes of the page after 10 visits and after the last one: they must not grow with visits.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { LOOPBACK, pageHeaders } from '../../src/base/page-http.ts'
import { openTab, screens } from '../../test/ui/page-kiosk.ts'
import type { BenchContext } from '../bench.ts'
import { atPage, memoryOf } from '../page-visits.ts'

const VISITS = 100
const SETTLED_VISITS = 10
const LOADS = 10

export async function ui({ print, progress }: BenchContext): Promise<void> {
  await atPage(async ({ browser, url, visitor }) => {
    const emptyPage = await serveEmptyPage()
    const paints: Paint[] = []
    const emptyPaints: Paint[] = []
    for (let load = 0; load < LOADS; load++) {
      emptyPaints.push(await firstPaint(browser, emptyPage.url))
      paints.push(await firstPaint(browser, url))
    }
    emptyPage.close()
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
      firstPaintMsP50: percentile(paints.map(wall), 0.5),
      firstPaintMsP95: percentile(paints.map(wall), 0.95),
      emptyFirstPaintMsP50: percentile(emptyPaints.map(wall), 0.5),
      firstPaintCpuMsP50: percentile(paints.map(cpu), 0.5),
      emptyFirstPaintCpuMsP50: percentile(emptyPaints.map(cpu), 0.5),
      heapMibAfter10: settled.heapMib,
      heapMibAfterLast: last.heapMib,
      nodesAfter10: settled.nodes,
      nodesAfterLast: last.nodes,
    })
  })
}

interface Paint {
  readonly wallMs: number
  readonly cpuMs: number
}
const wall = ({ wallMs }: Paint) => wallMs
const cpu = ({ cpuMs }: Paint) => cpuMs

async function firstPaint(browser: Browser, url: string): Promise<Paint> {
  const tab = await openTab(browser, 'about:blank', screens.landscape)
  try {
    const cdp = await tab.context().newCDPSession(tab)
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
    await tab.goto(url)
    const source = `new Promise(resolve => {
      new PerformanceObserver(list => {
        const paint = list.getEntriesByName('first-contentful-paint')[0]
        if (paint !== undefined) resolve(paint.startTime)
      }).observe({ type: 'paint', buffered: true })
    })`
    const wallMs = (await tab.evaluate(source)) as number
    const { metrics } = await cdp.send('Performance.getMetrics')
    const busyS = metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN
    return { wallMs, cpuMs: busyS * 1000 }
  } finally {
    await tab.context().close()
  }
}

async function serveEmptyPage(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { ...pageHeaders, 'content-type': 'text/html' })
    response.end('<!doctype html><title>Empty</title><p>Empty</p>')
  })
  await new Promise<void>(resolve => server.listen(0, LOOPBACK, resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://${LOOPBACK}:${port}/`, close: () => server.close() }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] * 10) / 10
}
