/**
 * Goal: a core dump of a kiosk that idles holds no image and no template of anybody who was there.
 * Method: a kiosk as a process of its own, in the environment that its service has, enrols over a real broker. All that
 * it can write to in its memory, which is what a dump holds, is then searched for what the ABIS received, in every form
 * that it took on its way; and once before, to see that the search finds what is there.
 */
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { startEmbeddedBroker } from '../../scripts/embedded-broker.ts'
import { systemClock } from '../../src/base/clock.ts'
import { FREED_MEMORY_ENVIRONMENT } from '../../src/base/freed-memory.ts'
import { silentLog } from '../../src/base/log.ts'
import { openAbis } from '../../src/cli/abis/open-abis.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { citizenFrames } from '../support/finger-images.ts'
import { engineNeedles, imageNeedle, submittedNeedles } from '../support/finger-needles.ts'
import { found } from '../support/process-memory.ts'

const NIK = '3171011708850001'
/** A visit is forgotten a moment after its end. */
const SEARCHES_MAX = 20

t.setTimeout(180_000)

t.test('nothing of the fingers is left in the memory of a kiosk that idles', async t => {
  const data = t.testdir({ frames: {} })
  await initDemoKeys(data, { clock: systemClock })
  const broker = await startEmbeddedBroker()
  const { abis, close } = await openAbis({ data, url: broker.url, clock: systemClock, log: silentLog })
  const frames = citizenFrames(7, 0, 2)
  for (const [position, { pixels, ...size }] of frames) {
    await writeFile(join(data, 'frames', `${position}.json`), JSON.stringify(size))
    await writeFile(join(data, 'frames', `${position}.raw`), pixels)
  }
  const program = join(import.meta.dirname, 'remembering-child.ts')
  const kiosk = spawn(
    process.execPath,
    ['--import', 'tsx', program, data, broker.url, join(data, 'frames')],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...FREED_MEMORY_ENVIRONMENT } },
  )
  t.teardown(() => kiosk.kill('SIGKILL'))
  const said = createInterface({ input: kiosk.stdout as Readable })[Symbol.asyncIterator]()
  t.equal((await said.next()).value, 'holding')
  const images = [...frames].map(([position, frame]) => imageNeedle(position, frame))
  t.same(
    (await found(kiosk, images)).sort(),
    images.map(({ name }) => name),
    'the search finds what is there',
  )

  kiosk.stdin?.write(`${NIK}\n`)
  t.equal((await said.next()).value, 'done')
  const templates = new Map<number, string>()
  while (templates.size === 0) {
    await setTimeout(100)
    for await (const { fingers } of abis.records())
      for (const finger of fingers) if ('template' in finger) templates.set(finger.position, finger.template)
  }
  t.equal(templates.size, 2)
  const needles = [
    ...images,
    ...[...frames].flatMap(([position, frame]) => engineNeedles(position, frame)),
    ...[...templates].flatMap(([position, template]) => submittedNeedles(position, template)),
  ]
  let left = await found(kiosk, needles)
  for (let search = 1; left.length > 0 && search < SEARCHES_MAX; search++) {
    await setTimeout(1_000)
    left = await found(kiosk, needles)
  }
  t.same(left, [])
  kiosk.kill('SIGKILL')
  await close()
  await broker.stop()
})
