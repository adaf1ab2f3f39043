/**
 * A kiosk that enrols without end, for killed.test.ts: DATA BROKER FIRST-NIK IMAGES. It gets ready, opens its store
 * when a line comes on its standard input, and says each NIK whose citizen was told "done".
 */
import { once } from 'node:events'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { readFingerImages } from '../../src/cli/kiosk/finger-images.ts'
import { extract } from '../../src/finger/template/extract.ts'
import { openKiosk } from '../../src/kiosk.ts'
import { settingsSchema } from '../../src/settings/settings.ts'

const [data, url, first, images] = process.argv.slice(2)
const citizens = await Promise.all(['0', '1', '2'].map(name => readFingerImages(join(images, name), [1, 2])))
for (const frame of citizens[0].values()) extract(frame)
await once(process.stdin, 'data')

const kiosk = await openKiosk({
  data,
  settings: settingsSchema.parse({
    broker: { url, backoffMsMin: 100, backoffMsMax: 1_000 },
    relay: { probeIntervalMs: 1_000 },
  }),
  clock: systemClock,
  log: silentLog,
})
process.stdout.write('open\n')
const exceptions = new Map(
  ([3, 4, 5, 6, 7, 8, 9, 10] as const).map(position => [position, 'missing'] as const),
)
for (let number = Number(first); ; number++) {
  // The kiosk wipes what it is given.
  const frames = new Map(
    [...citizens[number % 3]].map(([position, frame]) => [
      position,
      { ...frame, pixels: frame.pixels.slice() },
    ]),
  )
  const { recordId } = await kiosk.enrolImages({ nik: String(number), frames, exceptions })
  process.stdout.write(`done ${number} ${recordId}\n`)
}
