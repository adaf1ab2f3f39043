/**
 * Goal: a kiosk's display says that the kiosk is starting, from the card, and shows the kiosk's own page once there is one.
 * Method: the page as a file in Debian's Chromium, on three screens; then a server on the port that it asks.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { serveClaimPage } from '../../src/ui/serve-claim-page.ts'
import { claimTexts } from '../../src/ui/texts/claim.ts'
import { faultTexts } from '../../src/ui/texts/fault.ts'
import { startingTexts } from '../../src/ui/texts/starting.ts'
import { freePort } from '../support/free-port.ts'
import { inspect } from './inspect.ts'
import { buildPage, launchChromium, openTab, screens } from './page-kiosk.ts'

const assets = t.testdir()
await buildPage(assets)
const browser = await launchChromium()
t.teardown(() => browser.close())

const port = await freePort()
const starting = `${pathToFileURL(join(assets, 'starting.html'))}#${port}`

t.test('it says so on every screen, in two languages, and what to do where it takes too long', async t => {
  for (const [name, size] of Object.entries(screens)) {
    const tab = await openTab(browser, 'about:blank', size)
    await tab.clock.install()
    await tab.goto(starting)
    for (const { title, whatToDo } of [startingTexts.id, startingTexts.en]) {
      await tab.getByRole('heading', { name: title }).waitFor()
      await tab.getByText(whatToDo).waitFor()
    }
    await inspect(t, tab, name)
    await tab.clock.fastForward('06:00')
    for (const { title } of [faultTexts.id, faultTexts.en])
      await tab.getByRole('heading', { name: title }).waitFor()
    await inspect(t, tab, `${name}, late`)
    if (process.env.TUNGGAL_SHOTS)
      await tab.screenshot({ path: `${process.env.TUNGGAL_SHOTS}/late-${name}.png` })
    await tab.context().close()
  }
})

t.test("the kiosk's page takes its place", async t => {
  const tab = await openTab(browser, starting, screens.small)
  await tab.getByText(startingTexts.id.title).waitFor()
  const page = await serveClaimPage({
    port,
    assets,
    view: () => ({ kiosk: 'kiosk-bandung-0001', fault: 'kv/corrupt' }),
  })
  t.teardown(() => page.close())
  await tab.getByText('kv/corrupt').waitFor()
  t.equal(tab.url(), page.url)
  t.equal(await tab.title(), faultTexts.id.title)
  t.not(faultTexts.id.title, claimTexts.id.title)
  await tab.context().close()
})
