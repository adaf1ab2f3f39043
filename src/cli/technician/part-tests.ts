import { setTimeout as sleep } from 'node:timers/promises'
import type { DeviceByKind } from '../../../hal/board/part-driver.ts'
import type { OpenPart } from '../../../hal/board/supervised-part.ts'
import { A4 } from '../../../hal/ports/document-printer.ts'
import { notices } from '../../../hal/ports/notice.ts'
import type { PartKind } from '../../../hal/ports/part.ts'
import { KioskError } from '../../base/errors.ts'
import { encodePng } from '../../finger/image/encode-png.ts'
import { localEngine } from '../../finger/worker/local-engine.ts'
import { readingText } from '../../health/part-checks.ts'
import { testPage } from '../../health/test-page.ts'
import { TEST_RECEIPT } from '../../health/test-receipt.ts'
import type { Context } from '../command.ts'
import { errorLine } from '../error-line.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { writeOutput } from '../files.ts'
import { frameText } from './frame-text.ts'

const CALL_TIMEOUT_MS = 20_000
/** An ink printer that wakes up cleans its heads first. */
const PAGE_TIMEOUT_MS = 120_000
const SHOWN_MS = 2000
const PREVIEW_MS = 1000
const CLOCK_OFF_MS_MAX = 2000
/** What a room that people work in can be. */
const ROOM_CELSIUS = { min: -10, max: 60 }

export interface TestOptions {
  readonly seconds: number
  readonly setClock: boolean
  readonly output?: string
}

type Test<Kind extends PartKind> = (
  context: Context,
  part: OpenPart<Kind>,
  options: TestOptions,
) => Promise<ExitCode>

/** Lets the part do what parts of its kind are for. Rejects with the part's own code where it cannot. */
export async function testPart(context: Context, part: OpenPart, options: TestOptions): Promise<ExitCode> {
  const test = tests[part.kind] as Test<PartKind>
  return await test(context, part, options)
}

const tests: { readonly [Kind in PartKind]: Test<Kind> } = {
  'fingerprint-sensor': testSensor,
  'receipt-printer': testPrinter,
  'document-printer': testPagePrinter,
  'presence-sensor': twoStates('Walk up to the kiosk, and away from it'),
  'tamper-switch': twoStates('Open the housing, and close it'),
  'service-key': twoStates('Turn the key, and turn it back'),
  'headphone-detect': twoStates('Plug headphones in, and out'),
  'status-lamp': eachNotice((lamp, notice) => lamp.show(notice)),
  buzzer: eachNotice((buzzer, notice, signal) => buzzer.sound(notice, { signal })),
  'climate-sensor': testClimate,
  'real-time-clock': testClock,
  expander: sayReadings,
  'card-reader': testReader,
  component: sayReadings,
}

async function testSensor(
  context: Context,
  part: OpenPart<'fingerprint-sensor'>,
  { seconds, output }: TestOptions,
): Promise<ExitCode> {
  const { print, signal } = context
  if (part.device.preview !== undefined) await testPreview(context, part)
  print('Place a finger.')
  const startMs = performance.now()
  const frame = await part.use(sensor => sensor.capture({ timeoutMs: seconds * 1000, signal }))
  try {
    const captureMs = Math.round(performance.now() - startMs)
    const { quality } = await localEngine.sample(frame)
    const { widthPx, heightPx, resolutionDpi } = frame
    if (output !== undefined) await writeOutput(context.resolve(output), encodePng(frame))
    print(frameText(frame))
    print(
      {
        part: part.name,
        widthPx,
        heightPx,
        resolutionDpi,
        captureMs,
        quality: quality.score,
        reason: quality.reason,
      },
      `${widthPx} × ${heightPx} at ${resolutionDpi} dpi after ${captureMs} ms; quality ${quality.score}, ${quality.reason}`,
    )
    return quality.accept ? EXIT.ok : EXIT.no
  } finally {
    frame.pixels.fill(0)
  }
}

/** Says how many live images there are; a sensor without any can still take fingers. */
async function testPreview({ print, signal }: Context, part: OpenPart<'fingerprint-sensor'>): Promise<void> {
  let images = 0
  try {
    const onImage = () => images++
    await part.device.preview?.({ timeoutMs: PREVIEW_MS, signal, onImage })
    const liveImagesHz = (images * 1000) / PREVIEW_MS
    print({ part: part.name, liveImagesHz }, `${liveImagesHz} live images a second.`)
  } catch (error) {
    if (!(error instanceof KioskError)) throw error
    print({ part: part.name, liveImagesHz: 0, code: error.code }, `No live images. ${errorLine(error)}`)
  }
}

async function testPrinter({ print, signal }: Context, part: OpenPart<'receipt-printer'>): Promise<ExitCode> {
  await part.use(printer => printer.print(TEST_RECEIPT, { timeoutMs: CALL_TIMEOUT_MS, signal }))
  const { paper } = await part.use(printer => printer.status())
  print({ part: part.name, printed: true, paper }, `Printed: read it, and scan its code. Paper: ${paper}`)
  return EXIT.ok
}

async function testPagePrinter(
  { print, signal }: Context,
  part: OpenPart<'document-printer'>,
): Promise<ExitCode> {
  const { media: loaded } = await part.use(printer => printer.status())
  const media = loaded[0] ?? A4
  const document = { bytes: testPage(media), format: 'application/pdf', media }
  await part.use(printer => printer.print(document, { timeoutMs: PAGE_TIMEOUT_MS, signal }))
  print({ part: part.name, printed: true, media }, `Printed on ${media}: its frame should be whole`)
  return EXIT.ok
}

type TwoStateKind = 'presence-sensor' | 'tamper-switch' | 'service-key' | 'headphone-detect'

/** Passes once the part has been in both states: one that is stuck in either does not. */
function twoStates<Kind extends TwoStateKind>(prompt: string): Test<Kind> {
  return async ({ print, signal }, part, { seconds }) => {
    print(`${prompt}.`)
    const seen = new Set<boolean>()
    const endMs = performance.now() + seconds * 1000
    while (seen.size < 2 && performance.now() < endMs) {
      signal.throwIfAborted()
      const { active } = part.device as DeviceByKind[TwoStateKind]
      if (active !== undefined && !seen.has(active)) {
        seen.add(active)
        print({ part: part.name, active }, `active: ${active}`)
      }
      await sleep(20, undefined, { signal })
    }
    if (seen.size === 2) return EXIT.ok
    print(`It did not change in ${seconds} s.`)
    return EXIT.no
  }
}

/** Passes once all were shown; whether they were is for the person before it to say. */
function eachNotice<Kind extends 'status-lamp' | 'buzzer'>(
  give: (device: DeviceByKind[Kind], notice: (typeof notices)[number], signal: AbortSignal) => Promise<void>,
): Test<Kind> {
  return async ({ print, signal }, part) => {
    for (const notice of notices) {
      await part.use(device => give(device, notice, signal))
      print({ part: part.name, notice }, `now: ${notice}`)
      await sleep(SHOWN_MS, undefined, { signal })
    }
    return EXIT.ok
  }
}

async function testClimate({ print, signal }: Context, part: OpenPart<'climate-sensor'>): Promise<ExitCode> {
  const { temperatureCelsius, humidityPercent } = await part.use(sensor =>
    sensor.measure({ timeoutMs: CALL_TIMEOUT_MS, signal }),
  )
  print(
    { part: part.name, temperatureCelsius, humidityPercent },
    `${temperatureCelsius} °C, ${humidityPercent} %: breathe on it, and both should rise`,
  )
  const isLikely = temperatureCelsius >= ROOM_CELSIUS.min && temperatureCelsius <= ROOM_CELSIUS.max
  return isLikely ? EXIT.ok : EXIT.no
}

async function testClock(
  { print, signal }: Context,
  part: OpenPart<'real-time-clock'>,
  { setClock }: TestOptions,
): Promise<ExitCode> {
  const request = { timeoutMs: CALL_TIMEOUT_MS, signal }
  if (setClock) await part.use(clock => clock.set(Date.now(), request))
  const { timeMs, trusted } = await part.use(clock => clock.read(request))
  const offMs = timeMs - Date.now()
  const time = new Date(timeMs).toISOString()
  print(
    { part: part.name, time, trusted, offMs },
    `${time}, ${(offMs / 1000).toFixed(1)} s from this system's time${trusted ? '' : '; it stood still: look at its battery, then --set-clock'}`,
  )
  return trusted && Math.abs(offMs) <= CLOCK_OFF_MS_MAX ? EXIT.ok : EXIT.no
}

async function testReader(
  { print, signal }: Context,
  part: OpenPart<'card-reader'>,
  { seconds }: TestOptions,
): Promise<ExitCode> {
  print('Hold a card to the reader.')
  const card = await part.use(reader => reader.waitForCard({ timeoutMs: seconds * 1000, signal }))
  // A card's number is its holder's.
  print({ part: part.name, type: card.type, uidBytes: card.uid.length }, `a card: ${card.type}`)
  return EXIT.ok
}

/** What cannot be tried without knowing what hangs on it. */
async function sayReadings({ print, signal }: Context, part: OpenPart): Promise<ExitCode> {
  const readings = await part.diagnose({ timeoutMs: CALL_TIMEOUT_MS, signal })
  print({ part: part.name, readings }, readings.map(readingText).join(', '))
  return EXIT.ok
}
