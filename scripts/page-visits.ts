/**
 * A whole kiosk (real engine on its thread, real store and keys, MQTT to an embedded broker; simulated sensor and
 * printer), its page in Debian's Chromium, and visits of two fingers there: for the bench and the soak of the page.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, CDPSession, Page as Tab } from 'playwright-core'
import { shippedBoard } from '../hal/board/shipped-boards.ts'
import type { CaptureOptions } from '../hal/ports/fingerprint-sensor.ts'
import { type Citizen, citizenOfFrames, simulatedCitizen } from '../hal/sim/citizen.ts'
import { systemClock } from '../src/base/clock.ts'
import { silentLog } from '../src/base/log.ts'
import { initDemoKeys } from '../src/keys/make-keys.ts'
import { type Kiosk, openKiosk } from '../src/kiosk.ts'
import type { VisitCommand, VisitView } from '../src/record/visit-view.ts'
import { settingsSchema } from '../src/settings/settings.ts'
import { servePage } from '../src/ui/serve-page.ts'
import { pageTexts } from '../src/ui/texts/texts.ts'
import { buildPage, launchChromium, openTab, screens } from '../test/ui/page-kiosk.ts'
import { startEmbeddedBroker } from './embedded-broker.ts'

const PLACING_MS = 60
const PLAN = [2, 7] as const
const MIB = 1024 * 1024
const KIB_OF_MIB = 1024
const { reading, doneTitle, save } = pageTexts.id

/** Comparable between the two processes of one machine. */
const nowMs = () => performance.timeOrigin + performance.now()

interface Measured {
  readonly feedbackMs: number[]
  readonly doneMs: number[]
}

export interface PageVisits {
  readonly browser: Browser
  readonly url: string
  /** A tab, and what makes one visit there. */
  visitor(): Promise<{
    /** From idle to idle. `number`: of the person. */
    readonly visit: (number: number) => Promise<void>
    readonly cdp: CDPSession
    readonly measured: Measured
  }>
}

/**
 * Closes all of it after `use`. `screen`: how large; a small one costs a machine that draws without a graphics card
 * less.
 */
export async function atPage(
  use: (page: PageVisits) => Promise<void>,
  screen: (typeof screens)[keyof typeof screens] = screens.landscape,
): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'tunggal-page-'))
  const closers: (() => unknown)[] = [() => rm(data, { recursive: true })]
  try {
    await buildPage(join(data, 'page'))
    await initDemoKeys(data, { clock: systemClock })
    const broker = await startEmbeddedBroker()
    closers.push(() => broker.stop())
    const settings = settingsSchema.parse({ broker: { url: broker.url }, capture: { plan: [...PLAN] } })
    const kiosk = await openKiosk({
      data,
      settings,
      clock: systemClock,
      log: silentLog,
      board: shippedBoard('simulated'),
      simulation: { citizen: quickCitizen(), placingMs: PLACING_MS, lineMs: 1 },
      ownEngineThread: true,
    })
    closers.push(() => kiosk.close())
    const { operations } = kiosk
    if (operations === undefined) throw new Error('the simulated board has a sensor')
    const page = await servePage({ operations, port: 0, assets: join(data, 'page'), log: silentLog })
    closers.push(() => page.close())
    const browser = await launchChromium()
    closers.push(() => browser.close())

    await use({
      browser,
      url: page.url,
      async visitor() {
        const tab = await openTab(browser, 'about:blank', screen)
        const cdp = await tab.context().newCDPSession(tab)
        const measured: Measured = { feedbackMs: [], doneMs: [] }
        return { visit: await visitorAt(kiosk, tab, page.url, measured), cdp, measured }
      },
    })
  } finally {
    for (const closer of closers.reverse()) await closer()
  }
}

/** The same images each time: to grow others would take more of the machine than all that is looked at. */
function quickCitizen(): Citizen {
  const grown = simulatedCitizen(3)
  return citizenOfFrames(
    new Map(
      PLAN.map(position => {
        const frame = grown.place(position, 0)
        return [position, frame === undefined ? [] : [frame]]
      }),
    ),
  )
}

/** Returns what makes one visit, from idle to idle, and notes what it measured. */
async function visitorAt(
  kiosk: Kiosk,
  tab: Tab,
  url: string,
  { feedbackMs, doneMs }: Measured,
): Promise<(number: number) => Promise<void>> {
  const { visit, board } = kiosk
  const [sensor] = board?.partsOf('fingerprint-sensor') ?? []
  if (visit === undefined || sensor === undefined) throw new Error('the simulated board has a sensor')
  let contactMs = 0
  const capture = sensor.device.capture.bind(sensor.device)
  sensor.device.capture = (options: CaptureOptions) =>
    capture({
      ...options,
      onContact() {
        contactMs = nowMs()
        options.onContact?.()
      },
    })
  let onDone = () => {}
  await tab.exposeFunction('painted', (what: 'felt' | 'done', atMs: number) => {
    if (what === 'felt') feedbackMs.push(atMs - contactMs)
    else {
      doneMs.push(atMs - contactMs)
      onDone()
    }
  })
  // What the transpiler writes around named functions.
  await tab.addInitScript('globalThis.__name = value => value')
  await tab.addInitScript(watchPage, { reading, doneTitle, save })
  await tab.goto(url)
  await tab.locator('h1').first().waitFor()

  const stepIs = (step: VisitView['step']) =>
    new Promise<void>(resolve => {
      const stop = visit.onView(view => {
        if (view.step !== step) return
        resolve()
        setImmediate(() => stop())
      })
    })
  type Touch<T> = T extends unknown ? Omit<T, 'visit'> : never
  const touch = (command: Touch<VisitCommand>) =>
    visit.dispatch({ ...command, visit: visit.view.visit } as VisitCommand)
  return async number => {
    let stop = () => {}
    const done = new Promise<void>((resolve, reject) => {
      onDone = resolve
      const { visit: before } = visit.view
      stop = visit.onView(view => {
        // A machine that has too much to do takes too long over a finger: the person tries again.
        if (view.step === 'capture' && view.phase === 'unreadable')
          setImmediate(() => touch({ name: 'retry' }))
        if (view.step === 'idle' && view.visit !== before) reject(new Error(`it ended early: ${view.notice}`))
      })
    })
    touch({ name: 'begin', language: 'id' })
    await stepIs('identify')
    touch({ name: 'nik', text: `317123610885${String(number).padStart(4, '0')}` })
    touch({ name: 'confirm' })
    touch({ name: 'consent', agreed: true })
    await done.finally(() => stop())
    touch({ name: 'leave' })
    await stepIs('idle')
  }
}

/** In the page: tells when a text is painted, and touches "save" at once. */
function watchPage(texts: { reading: string; doneTitle: string; save: string }): void {
  interface Node {
    readonly textContent: string
    click(): void
  }
  const page = globalThis as unknown as {
    document: {
      querySelector(selector: string): Node | null
      querySelectorAll(selector: string): Iterable<Node>
    }
    painted(what: string, atMs: number): void
    requestAnimationFrame(then: () => void): void
    MutationObserver: new (then: () => void) => { observe(root: unknown, options: object): void }
  }
  let before = ''
  const look = () => {
    const instruction = page.document.querySelector('.instruction')?.textContent
    const heading = page.document.querySelector('h1')?.textContent
    const now = heading === texts.doneTitle ? 'done' : instruction === texts.reading ? 'felt' : ''
    if (now !== '' && now !== before)
      page.requestAnimationFrame(() => {
        // The task after a frame begins when it is painted.
        const { port1, port2 } = new MessageChannel()
        port1.addEventListener('message', () => page.painted(now, performance.timeOrigin + performance.now()))
        port1.start()
        port2.postMessage(0)
      })
    before = now
    for (const button of page.document.querySelectorAll('button.primary'))
      if (button.textContent === texts.save) button.click()
  }
  new page.MutationObserver(look).observe(page.document, {
    subtree: true,
    childList: true,
    characterData: true,
  })
}

/** Of the page, its garbage collected. */
export async function memoryOf(cdp: CDPSession): Promise<{ heapMib: number; nodes: number }> {
  await cdp.send('HeapProfiler.collectGarbage')
  const { usedSize } = await cdp.send('Runtime.getHeapUsage')
  const { nodes } = await cdp.send('Memory.getDOMCounters')
  return { heapMib: Math.round((usedSize / MIB) * 100) / 100, nodes }
}

/**
 * What the operating system counts for the browser's processes that draw pages, and for this one, which is the kiosk:
 * resident and their own, without what they share.
 */
export async function residentMemoryOf(browser: Browser): Promise<{ pagesMib: number; kioskMib: number }> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  let pagesKib = 0
  for (const { id, type } of processInfo) if (type === 'renderer') pagesKib += await residentKib(id)
  return {
    pagesMib: Math.round(pagesKib / KIB_OF_MIB),
    kioskMib: Math.round((await residentKib(process.pid)) / KIB_OF_MIB),
  }
}

/** 0: the process has ended meanwhile. */
async function residentKib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0)
}
