/**
 * A kiosk that enrols once and then idles, for memory.test.ts and raw-disk.test.ts: DATA BROKER FOLDER [SETTINGS].
 * `FOLDER` holds pixels as they are, so that no decoder of the test's keeps them. It says "holding" when it has read
 * them, goes on when the NIK comes on its standard input, and says "done" when the citizen was told so. With
 * further settings (JSON) it logs to standard error, as a kiosk does.
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { systemClock } from '../../src/base/clock.ts'
import { jsonLog, silentLog } from '../../src/base/log.ts'
import type { Frame } from '../../src/finger/image/frame.ts'
import { openKiosk } from '../../src/kiosk.ts'
import type { FingerPosition } from '../../src/record/finger-position.ts'
import { settingsSchema } from '../../src/settings/settings.ts'

const [data, url, folder, further] = process.argv.slice(2)
const kiosk = await openKiosk({
  data,
  settings: settingsSchema.parse({
    broker: { url },
    relay: { probeIntervalMs: 1_000 },
    ...JSON.parse(further ?? '{}'),
  }),
  clock: systemClock,
  log: further === undefined ? silentLog : jsonLog(line => process.stderr.write(line), Date.now),
  ownEngineThread: true,
})
const frames = new Map<FingerPosition, Frame>()
for (const position of [1, 2] as const) {
  const size = JSON.parse(await readFile(`${folder}/${position}.json`, 'utf8'))
  const file = await readFile(`${folder}/${position}.raw`)
  frames.set(position, { ...size, pixels: new Uint8Array(file) })
  file.fill(0)
}
process.stdout.write('holding\n')
const [line] = (await once(process.stdin, 'data')) as [Buffer]
const exceptions = new Map(
  ([3, 4, 5, 6, 7, 8, 9, 10] as const).map(position => [position, 'missing'] as const),
)
await kiosk.enrolImages({ nik: line.toString().trim(), frames, exceptions })
// The test's own: a sensor's driver has none left.
for (const { pixels } of frames.values()) pixels.fill(0)
process.stdout.write('done\n')
