/** The page on a kiosk of simulated parts, with the real engine, in Debian's Chromium. */
import { randomBytes } from 'node:crypto'
import { type Browser, chromium, type Page as Tab } from 'playwright-core'
import type { Test } from 'tap'
import { build } from 'tsup'
import { type Citizen, simulatedCitizen } from '../../hal/sim/citizen.ts'
import { SimulatedFingerprintSensor } from '../../hal/sim/fingerprint-sensor.ts'
import { SimulatedReceiptPrinter } from '../../hal/sim/receipt-printer.ts'
import { pageBuild } from '../../scripts/page-build.ts'
import { systemClock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import { VisitRunner } from '../../src/enrolment/runner.ts'
import { Gallery } from '../../src/finger/prefilter/gallery.ts'
import { localEngine } from '../../src/finger/worker/local-engine.ts'
import { visitOperations } from '../../src/kiosk/operations.ts'
import { StatusDesk, type StatusDeskParts } from '../../src/kiosk/status-desk.ts'
import type { RecordStatus, StatusFinding } from '../../src/record/record-status.ts'
import type { Settings } from '../../src/settings/settings.ts'
import type { Operations, PrintOutcome, StaffOperations } from '../../src/ui/operations.ts'
import { servePage } from '../../src/ui/serve-page.ts'
import { Espeak } from '../../src/ui/speech/espeak.ts'
import { Speech } from '../../src/ui/speech/speech.ts'
import { StandInStore, settingsWith } from '../enrolment/stand-ins.ts'

const CHROMIUM = '/usr/bin/chromium'
/** More buttons than any screen has. */
const FOCUS_STEPS_MAX = 50
const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export async function buildPage(folder: string): Promise<void> {
  await build({ ...pageBuild, outDir: folder, config: false, silent: true })
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: chromiumFlags })
}

export interface PageKioskOptions {
  readonly assets: string
  readonly change?: { [Topic in keyof Settings]?: Partial<Settings[Topic]> }
  readonly citizen?: Citizen
  readonly status?: RecordStatus
  /** Who answers for PINs and shows the technician's screen. */
  readonly staff?: (runner: VisitRunner) => StaffOperations
  /** How long people take to place a finger. */
  readonly placingMs?: number
  /** How long the sensor takes to read it. */
  readonly readingMs?: number
  /** Live images a second. */
  readonly previewHz?: number
  /** The program that speaks, if it is another one than Debian's. */
  readonly voice?: string
}

export async function pageKiosk(
  t: Pick<Test, 'teardown'>,
  {
    assets,
    change = {},
    citizen,
    status,
    voice,
    staff,
    placingMs = 150,
    readingMs = 50,
    previewHz,
  }: PageKioskOptions,
) {
  const clock = systemClock
  const settings = settingsWith({ ...change, ui: { port: 0, ...change.ui } })
  const sensor = new SimulatedFingerprintSensor({
    clock,
    citizen: citizen ?? simulatedCitizen(3),
    placingMs,
    readingMs,
    previewHz,
  })
  const printer = new SimulatedReceiptPrinter({ clock, onReceipt: () => {}, lineMs: 1 })
  await sensor.open()
  await printer.open()
  const store = new StandInStore()
  const gallery = new Gallery()
  const runner = new VisitRunner({
    settings,
    sensor,
    printer,
    engine: localEngine,
    gallery,
    store,
    seal: store.seal,
    clock,
    random: randomBytes,
    log: silentLog,
  })
  const desk = new StatusDesk({
    visit: runner,
    store,
    relay: offlineRelay,
    centre: { current: undefined },
    board: { sensor },
    prints: { offersFor: async () => ({ prints: [], hasSlip: false }) },
    engine: localEngine,
    gallery,
    options: { settings, clock },
    log: silentLog,
    forget: () => {},
  })
  const asked: string[] = []
  const prints: ((job: string | undefined) => PrintOutcome['kind'])[] = []
  const found = (record: RecordStatus | undefined): StatusFinding =>
    record === undefined ? { kind: 'unknown' } : { kind: 'found', record }
  let answer = found(status)
  const painted: number[] = []
  const operations: Operations = {
    ...visitOperations(runner, settings, staff?.(runner)),
    painted: visit => painted.push(visit),
    recordStatus: async id => {
      asked.push(id)
      return answer
    },
    print: async (_id, job) => ({ kind: prints.shift()?.(job) ?? 'fault' }),
    recordStatusByFinger: (nik, options) => desk.byFinger(nik, options),
  }
  const speech = new Speech({ speaker: new Espeak(voice), log: silentLog })
  const page = await servePage({ operations, port: 0, assets, speech, log: silentLog })
  let isClosed = false
  const close = async () => {
    if (isClosed) return
    isClosed = true
    await page.close()
    runner.close()
    await sensor.close()
    await printer.close()
  }
  t.teardown(close)
  const setStatus = (next: RecordStatus | StatusFinding) => {
    answer = 'kind' in next ? next : found(next)
  }
  return { url: page.url, close, runner, sensor, printer, store, asked, setStatus, prints, painted }
}

const offlineRelay: StatusDeskParts['relay'] = {
  state: () => ({
    online: false,
    answered: true,
    waiting: 1,
    oldestMs: undefined,
    lastReceiptMs: undefined,
    fault: undefined,
    refused: 0,
  }),
  async ask() {
    throw new KioskError('broker/offline')
  },
}

export const screens = {
  portrait: { width: 1080, height: 1920 },
  landscape: { width: 1920, height: 1080 },
  small: { width: 1024, height: 600 },
} as const

/** A tab with a finger for a pointer. */
export async function openTab(
  browser: Browser,
  url: string,
  viewport: (typeof screens)[keyof typeof screens],
  deviceScaleFactor = 1,
) {
  const context = await browser.newContext({ viewport, deviceScaleFactor, hasTouch: true, locale: 'id-ID' })
  const tab = await context.newPage()
  await tab.goto(url)
  return tab
}

/** Touches the button with that text, as soon as it is there. */
export async function touch(tab: Tab, name: string | RegExp): Promise<void> {
  await tab
    .getByRole('button', { name, exact: typeof name === 'string' })
    .first()
    .tap()
}

/** By the keys of a keypad: what a test does that is about something else. */
export async function keyNik(tab: Tab, nik: string): Promise<void> {
  await tab.locator('.digits').waitFor()
  await tab.keyboard.type(nik)
  await tab.keyboard.press('Enter')
}

export async function typeNik(tab: Tab, nik: string, next: string): Promise<void> {
  for (const digit of nik) await touch(tab, digit)
  await touch(tab, next)
}

/** By keys alone: `key` until the button of that name has the focus, then Enter. Throws where it is not reached. */
export async function choose(tab: Tab, name: string, key: 'Tab' | '+' = '+'): Promise<void> {
  await tab.getByRole('button', { name, exact: true }).first().waitFor()
  for (let steps = 0; steps < FOCUS_STEPS_MAX; steps++) {
    await tab.keyboard.press(key)
    const focused = await tab.evaluate(
      '(document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent)',
    )
    if (focused === name) return tab.keyboard.press('Enter')
  }
  throw new Error(`${key} does not reach ${name}`)
}

interface Said {
  readonly text: string
  readonly language: string
  readonly isPrivate: boolean
}

/** What the page wants to be said, and what became of it. */
export function listen(tab: Tab) {
  const said: Said[] = []
  const statuses = new Map<string, number>()
  tab.on('request', request => {
    if (request.url().endsWith('/speech')) said.push(request.postDataJSON())
  })
  tab.on('response', response => {
    if (response.url().endsWith('/speech'))
      statuses.set(response.request().postDataJSON().text, response.status())
  })
  const heard = async (pattern: RegExp, from = 0) => {
    const found = () => said.slice(from).find(({ text }) => pattern.test(text))
    for (let phrase = found(); ; phrase = found()) {
      if (phrase !== undefined) return phrase
      await tab.waitForEvent('request', request => request.url().endsWith('/speech'))
    }
  }
  return { said, statuses, heard }
}
