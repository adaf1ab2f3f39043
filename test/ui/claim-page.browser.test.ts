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
import { faultTexts } from '../../src/ui/texts/fault.ts'
import { inspect } from './inspect.ts'
import { buildPage, launchChromium, openTab, pageKiosk, screens } from './page-kiosk.ts'

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

t.test('a kiosk that cannot begin, on every screen', async t => {
  const page = await serveClaimPage({
    port: 0,
    assets,
    view: () => ({ kiosk: 'kiosk-bandung-0001', fault: 'kv/corrupt' }),
  })
  t.teardown(() => page.close())
  for (const [name, size] of Object.entries(screens)) {
    const tab = await openTab(browser, page.url, size)
    for (const { title, whatToDo, staff } of [faultTexts.id, faultTexts.en])
      for (const text of [title, whatToDo, staff]) await tab.getByText(text).waitFor()
    await tab.getByText('kv/corrupt', { exact: true }).waitFor()
    await inspect(t, tab, name)
    const isLarger =
      'document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > innerHeight'
    t.notOk(await tab.evaluate(isLarger), `${name}: all of it is in sight`)
    if (process.env.TUNGGAL_SHOTS)
      await tab.screenshot({ path: `${process.env.TUNGGAL_SHOTS}/fault-${name}.png` })
    await tab.context().close()
  }
})

t.test('the page of a kiosk that ran makes room for it', async t => {
  const kiosk = await pageKiosk(t, { assets })
  const tab = await openTab(browser, kiosk.url, screens.small)
  await tab.getByRole('heading', { name: 'Perekaman sidik jari KTP-el' }).waitFor()
  await kiosk.close()
  const { port } = new URL(kiosk.url)
  const page = await serveClaimPage({
    port: Number(port),
    assets,
    view: () => ({ kiosk: 'kiosk-bandung-0001', fault: 'keys/missing' }),
  })
  t.teardown(() => page.close())
  await tab.getByRole('heading', { name: faultTexts.id.title }).waitFor()
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
