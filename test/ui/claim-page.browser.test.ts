/**
 * Goal: a technician sees on the kiosk's own screen what to read out and where the claim stands, in two languages; and
 * the page makes room for the kiosk's own by itself.
 * Method: the page in Debian's Chromium on three screens, under every state; then another server in its place.
 */
import { createServer } from 'node:http'
import t from 'tap'
import type { ClaimView } from '../../src/ui/claim-view.ts'
import { serveClaimPage } from '../../src/ui/serve-claim-page.ts'
import { claimTexts } from '../../src/ui/texts/claim.ts'
import { inspect } from './inspect.ts'
import { buildPage, launchChromium, openTab, screens } from './page-kiosk.ts'

t.setTimeout(300_000)
const assets = t.testdir()
await buildPage(assets)
const browser = await launchChromium()
t.teardown(() => browser.close())

const first: ClaimView = {
  kiosk: 'kiosk-bandung-0001',
  code: '7QK4-9M2X-3FTD',
  qr: 'tunggal-claim:1:kiosk-bandung-0001:7QK4-9M2X-3FTD',
  state: 'asking',
}

t.test('every state on every screen', async t => {
  let view = first
  const page = await serveClaimPage({ port: 0, assets, view: () => view })
  t.teardown(() => page.close())
  for (const [name, size] of Object.entries(screens)) {
    view = first
    const tab = await openTab(browser, page.url, size)
    for (const state of ['asking', 'pending', 'unreachable', 'refused', 'approved'] as const) {
      view = { ...first, state, ...(state === 'refused' && { problem: 'claims/expired' as const }) }
      const said = (texts: typeof claimTexts.id) =>
        state === 'refused' ? texts.problems['claims/expired'] : texts.states[state]
      for (const texts of [claimTexts.id, claimTexts.en]) await tab.getByText(String(said(texts))).waitFor()
      await inspect(t, tab, `${name}, ${state}`)
    }
    await tab.getByText(first.code, { exact: true }).waitFor()
    await tab.getByRole('img', { name: claimTexts.id.qrLabel }).waitFor()
    const overflows = await tab.evaluate('document.documentElement.scrollWidth > innerWidth')
    t.notOk(overflows, `${name}: nothing is wider than the screen`)
    if (process.env.TUNGGAL_SHOTS)
      await tab.screenshot({ path: `${process.env.TUNGGAL_SHOTS}/claim-${name}.png` })
    await tab.context().close()
  }
})

t.test('the kiosk starts in its place', async t => {
  const page = await serveClaimPage({ port: 0, assets, view: () => first })
  const tab = await openTab(browser, page.url, screens.small)
  await tab.getByText(first.code).waitFor()
  await page.close()
  await tab.getByText(claimTexts.id.lost).waitFor()
  const kiosk = createServer(({ url }, response) => {
    response.writeHead(url === '/' ? 200 : 404, { 'content-type': 'text/html' })
    response.end(url === '/' ? '<h1>Mulai</h1>' : '')
  })
  t.teardown(() => kiosk.close())
  await new Promise<void>(done => kiosk.listen(Number(new URL(page.url).port), '127.0.0.1', done))
  await tab.getByRole('heading', { name: 'Mulai' }).waitFor()
})
