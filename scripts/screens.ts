/**
 * `npx tsx scripts/screens.ts [--out DIR] [--size portrait|landscape|small] [--scale N] [--only TEXT]
 * [--text 1|2|3]`: takes a picture of every screen of the page, in Debian's Chromium, on a kiosk of simulated parts.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Page as Tab } from 'playwright-core'
import type { Preferences } from '../src/record/visit-view.ts'
import { buildPage, launchChromium, openTab, pageKiosk, screens } from '../test/ui/page-kiosk.ts'
import { type Scene, scenes } from './screens/scenes.ts'

const STEP_TIMEOUT_MS = 120_000
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(import.meta.dirname, '../docs/screens') },
    size: { type: 'string', default: 'small' },
    scale: { type: 'string', default: '0.625' },
    only: { type: 'string', default: '' },
    text: { type: 'string', default: '1' },
  },
})
const viewport = screens[values.size as keyof typeof screens]
const assets = await mkdtemp(join(tmpdir(), 'tunggal-screens-'))
await buildPage(assets)
await mkdir(values.out, { recursive: true })
const browser = await launchChromium()
try {
  for (const scene of scenes) await play(scene)
} finally {
  await browser.close()
  await rm(assets, { recursive: true })
}

async function play({ name, options, act }: Scene): Promise<void> {
  if (!name.includes(values.only)) return
  const closers: (() => unknown)[] = []
  const kiosk = await pageKiosk({ teardown: closer => closers.unshift(closer) }, { assets, ...options })
  const { visit } = kiosk.runner.view
  const textSize = Number(values.text) as Preferences['textSize']
  kiosk.runner.dispatch({ visit, name: 'prefer', textSize })
  const tab = await openTab(browser, kiosk.url, viewport, Number(values.scale))
  // A visit of ten fingers, on a machine that does other things as well.
  tab.setDefaultTimeout(STEP_TIMEOUT_MS)
  try {
    await act({ kiosk, tab, shoot: screen => shoot(tab, screen) })
  } finally {
    await tab.context().close()
    for (const closer of closers) await closer()
  }
}

async function shoot(tab: Tab, screen: string): Promise<void> {
  await tab.evaluate('document.fonts.ready')
  await tab.screenshot({ path: join(values.out, `${screen}.png`), animations: 'disabled' })
  process.stderr.write(`${screen}\n`)
}
