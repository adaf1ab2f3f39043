/**
 * Goal: a stolen card tells nobody who was there: no number, no image and no template is on the disk of a kiosk, neither
 * in a file nor in blocks that no file has any more, in any encoding.
 * Method: a kiosk whose whole disk (data, log, temporary files) is a small ext4 of its own enrols over a real broker and
 * sends the images too; then all blocks of the disk are searched for what the ABIS received, and for the number and its
 * plain hashes. Before that it is shown that the search finds what is on the disk, also in a file that was deleted.
 * Needs root.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import t from 'tap'
import { startEmbeddedBroker } from '../../scripts/embedded-broker.ts'
import { type LoopDisk, makeLoopDisk } from '../../scripts/faults/loop-disk.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openAbis } from '../../src/cli/abis/open-abis.ts'
import { encodePng } from '../../src/finger/image/encode-png.ts'
import type { Frame } from '../../src/finger/image/frame.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { encodings } from '../support/encodings.ts'
import { citizenFrames } from '../support/finger-images.ts'
import { engineNeedles, imageNeedle, submittedNeedles } from '../support/finger-needles.ts'
import type { Needle } from '../support/process-memory.ts'
import { until } from '../support/until.ts'

const NIK = '3171011708850001'
const DISK_MIB = 96
const BLOCK_BYTES = 4096
const DELETED = 'what a file held that is deleted'

t.setTimeout(600_000)

t.test('nothing of the citizen is in any block of the disk', async t => {
  const centre = t.testdir({ frames: {} })
  let disk: LoopDisk
  try {
    disk = await makeLoopDisk(DISK_MIB)
  } catch (error) {
    if (process.env.CI === 'true' && process.getuid?.() === 0) throw error
    t.comment(`NOT RUN: no file system on a loop device here (it needs root): ${error}`)
    return
  }
  t.teardown(() => disk.destroy())
  const data = join(disk.folder, 'data')
  await initDemoKeys(centre, { clock: systemClock })
  await cp(join(centre, 'keys/kiosk'), join(data, 'keys/kiosk'), { recursive: true })
  const broker = await startEmbeddedBroker()
  t.teardown(() => broker.stop())
  const { abis, close } = await openAbis({
    data: centre,
    url: broker.url,
    clock: systemClock,
    log: silentLog,
  })
  t.teardown(close)
  const frames = citizenFrames(7, 0, 2)
  for (const [position, { pixels, ...size }] of frames) {
    await writeFile(join(centre, 'frames', `${position}.json`), JSON.stringify(size))
    await writeFile(join(centre, 'frames', `${position}.raw`), pixels)
  }

  const log = await open(join(disk.folder, 'log'), 'w')
  await mkdir(join(disk.folder, 'tmp'))
  const program = join(import.meta.dirname, 'remembering-child.ts')
  const settings = JSON.stringify({
    // A busy machine takes its time over an image, and each must be there.
    capture: { includeImage: true, sampleTimeoutMs: 60_000 },
    // The disk is far smaller than what a kiosk leaves free of a real one.
    store: { freeBytesMin: 0 },
  })
  const kiosk = spawn(
    process.execPath,
    ['--import', 'tsx', program, data, broker.url, join(centre, 'frames'), settings],
    { stdio: ['pipe', 'pipe', log.fd], env: { ...process.env, TMPDIR: join(disk.folder, 'tmp') } },
  )
  t.teardown(() => kiosk.kill('SIGKILL'))
  const ended = new Promise(resolve => kiosk.once('close', resolve))
  const said = createInterface({ input: kiosk.stdout as Readable })[Symbol.asyncIterator]()
  t.equal((await said.next()).value, 'holding')
  kiosk.stdin?.write(`${NIK}\n`)
  t.equal((await said.next()).value, 'done')
  await until(() => abis.counts.received === 1)
  await abis.settled()
  const templates = new Map<number, string>()
  let id = ''
  for await (const record of abis.records()) {
    id = record.id
    for (const finger of record.fingers)
      if ('template' in finger) templates.set(finger.position, finger.template)
  }
  t.equal(templates.size, 2)
  kiosk.kill('SIGKILL')
  await ended
  await log.close()

  const deleted = join(disk.folder, 'deleted')
  const file = await open(deleted, 'w')
  await file.write(DELETED)
  await file.sync()
  await file.close()
  await rm(deleted)
  await disk.unmount()
  const blocks = usedBlocks(await readFile(disk.image))
  t.ok(holds(blocks, Buffer.from(DELETED)), 'the search finds what was deleted')
  t.ok(holds(blocks, Buffer.from(id)), 'and what is there: the id of the record')

  const number = Buffer.from(NIK)
  const needles: Needle[] = [
    { name: 'the number', bytes: number },
    ...['md5', 'sha1', 'sha256', 'sha512'].map(name => ({
      name: `its ${name}`,
      bytes: createHash(name).update(number).digest(),
    })),
    ...[...frames].flatMap(([position, frame]) => [
      imageNeedle(position, frame),
      pictureNeedle(position, frame),
      ...engineNeedles(position, frame),
    ]),
    ...[...templates].flatMap(([position, template]) => submittedNeedles(position, template)),
  ]
  const left = needles.filter(({ bytes }) => holds(blocks, bytes)).map(({ name }) => name)
  t.same(left, [], `none of ${needles.length} pieces in ${blocks.length} bytes`)
})

/** From the middle of the image as it travels. */
function pictureNeedle(position: number, frame: Frame): Needle {
  const picture = Buffer.from(encodePng(frame))
  return { name: `picture ${position}`, bytes: picture.subarray(picture.length >> 1).subarray(0, 48) }
}

/** Blocks that were ever written, in their order. */
function usedBlocks(image: Buffer): Buffer {
  const nothing = Buffer.alloc(BLOCK_BYTES)
  const blocks: Buffer[] = []
  for (let at = 0; at < image.length; at += BLOCK_BYTES) {
    const block = image.subarray(at, at + BLOCK_BYTES)
    if (!block.equals(nothing)) blocks.push(block)
  }
  return Buffer.concat(blocks)
}

function holds(blocks: Buffer, secret: Buffer): boolean {
  return encodings(secret).some(needle => blocks.includes(needle))
}
