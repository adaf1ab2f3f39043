/**
 * Goal: what moves on the screen is moved by the compositor alone, so that a weak board has its time for the finger.
 * Method: Chromium's own trace of a second in which nothing changes but the animation.
 */
import type { CDPSession } from 'playwright-core'
import t from 'tap'
import { buildPage, keyNik, launchChromium, openTab, pageKiosk, screens, touch } from './page-kiosk.ts'

t.setTimeout(120_000)

const WORK = ['Layout', 'Paint', 'PrePaint', 'UpdateLayoutTree', 'FunctionCall']
const TRACED_MS = 1500
const TRIES_MAX = 10
const assets = t.testdir()
await buildPage(assets)
const browser = await launchChromium()
t.teardown(() => browser.close())

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly args?: { readonly data?: { readonly frame?: string } }
}

/** Names of what the page's thread did for its screen. */
async function workOf(cdp: CDPSession, during: () => Promise<void>): Promise<string[]> {
  const events: TraceEvent[] = []
  cdp.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  const done = new Promise(resolve => cdp.once('Tracing.tracingComplete', resolve))
  const includedCategories = ['devtools.timeline', 'disabled-by-default-devtools.timeline']
  await cdp.send('Tracing.start', { traceConfig: { includedCategories } })
  await during()
  await cdp.send('Tracing.end')
  await done
  return events.map(({ name }) => name).filter(name => WORK.includes(name))
}

t.test('the finger that is asked for pulses without layout and without paint', async t => {
  const kiosk = await pageKiosk(t, { assets, change: { capture: { plan: [2], timeoutMs: 60_000 } } })
  const tab = await openTab(browser, kiosk.url, screens.small)
  kiosk.sensor.present(undefined)
  await touch(tab, 'Mulai')
  await keyNik(tab, '3171236108850001')
  await touch(tab, 'Benar, lanjut')
  await touch(tab, 'Saya setuju')
  await tab.getByRole('heading', { name: 'Letakkan telunjuk kanan' }).waitFor()
  const isMoving = await tab.evaluate(
    () =>
      (globalThis as unknown as { document: { getAnimations(): unknown[] } }).document.getAnimations().length,
  )
  t.ok(isMoving > 0, 'there is something that moves')
  const cdp = await browser.newBrowserCDPSession()
  // What else comes late (fonts, a view) has its layout in one second or another; what moves, in every one.
  let counts: Record<string, number>
  let tries = 0
  do {
    const work = await workOf(cdp, () => tab.waitForTimeout(TRACED_MS))
    counts = Object.fromEntries(WORK.map(name => [name, work.filter(one => one === name).length]))
  } while (counts.Layout + counts.Paint > 0 && ++tries < TRIES_MAX)
  t.same({ Layout: counts.Layout, Paint: counts.Paint }, { Layout: 0, Paint: 0 }, JSON.stringify(counts))
  const seen = await workOf(cdp, async () => {
    await touch(tab, 'Huruf dan suara')
    await tab.getByRole('dialog').waitFor()
  })
  t.ok(seen.includes('Paint') && seen.includes('Layout'), 'the trace shows what there is')
})
