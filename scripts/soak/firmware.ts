import { strict as assert } from 'node:assert'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeSiteData } from '../../firmware/flash/site-data.ts'
import { buildImage } from '../../firmware/image/build.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openAbis } from '../../src/cli/abis/open-abis.ts'
import { keyFolder } from '../../src/keys/layout.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { writeCitizen } from '../../test/support/finger-images.ts'
import { startEmbeddedBroker } from '../embedded-broker.ts'
import { BootedImage, HOST_ADDRESS } from '../firmware/booted-image.ts'
import type { Soak } from '../soak.ts'

const EPOCH_S = 1_767_225_600
const VERSION = '1.0.0'
const NIK = '3171011708850001'
const FINGERS = [2, 7]
const SLOT_MIB_MAX = 1229
const TUNGGAL = 'runuser -u tunggal -- node /opt/tunggal/dist/tunggal.js'
const WHERE = '--data /data/tunggal --config /data/site/settings.json'

/**
 * A card with our image in a board is a kiosk that serves: the image for QEMU, built as `tunggal image build` does,
 * with a site's settings and keys on its data partition, boots by U-Boot and systemd; a citizen enrols, and the ABIS
 * outside decides; the plug is pulled, and the record is there.
 */
export const firmware: Soak = async ({ print, progress }) => {
  const folder = await mkdtemp(join(tmpdir(), 'tunggal-soak-'))
  const broker = await startEmbeddedBroker()
  const centre = join(folder, 'centre')
  const closers: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true }), () => broker.stop()]
  const held = (what: string, more: Record<string, string | number> = {}) => print({ held: what, ...more })
  try {
    await initDemoKeys(centre, { clock: systemClock })
    const { close } = await openAbis({ data: centre, url: broker.url, clock: systemClock, log: silentLog })
    closers.push(close)
    const disk = join(folder, 'kiosk.img')
    const report = await buildImage({
      variant: 'virt',
      version: VERSION,
      output: disk,
      epochS: EPOCH_S,
      say: progress,
    })
    assert(report.treeMib <= SLOT_MIB_MAX, `${report.treeMib} MiB on a slot`)
    held('built', { treeMib: report.treeMib, slotMib: report.slotMib, debianPackages: report.debianPackages })
    const settings = {
      broker: { url: `mqtt://${HOST_ADDRESS}:${broker.port}`, backoffMsMin: 100, backoffMsMax: 1000 },
      capture: { plan: FINGERS },
      relay: { probeIntervalMs: 1000 },
    }
    await writeSiteData(disk, { settings, keys: keyFolder(centre, 'kiosk'), epochS: EPOCH_S })
    let image = await served(disk, progress)
    closers.push(() => image.pull())
    held('booted', { bootS: await userlandS(image) })
    await checkInside(image)
    held('inside')
    await enrol(image, await writeCitizen(join(folder, 'fingers'), 7, 0, FINGERS.length))
    held('enrolled')
    await image.pull()
    image = await served(disk, progress)
    assert.match(await image.must(`${TUNGGAL} record list ${WHERE}`, 120_000), /PRINT_READY_RECORD/)
    held('kept')
    return true
  } finally {
    for (const closer of closers.reverse()) await closer()
  }
}

/** Boots, and waits until citizens can be served. */
async function served(disk: string, progress: (text: string) => void): Promise<BootedImage> {
  progress('booting')
  const image = await BootedImage.boot(disk)
  await image.must('timeout 300 sh -c "until systemctl is-active tunggal; do sleep 2; done"', 310_000)
  return image
}

/** Seconds from the kernel's start until the kiosk was ready. */
async function userlandS(image: BootedImage): Promise<number> {
  const text = await image.must('systemctl show -P ActiveEnterTimestampMonotonic tunggal')
  return Math.round(Number(text) / 1e6)
}

async function checkInside(image: BootedImage): Promise<void> {
  assert.equal((await image.must('systemctl --failed --no-legend')).trim(), '', 'no unit has failed')
  assert.match(await image.must('findmnt -no OPTIONS /'), /^\s*ro,/)
  assert.notEqual((await image.run('touch /usr/x')).code, 0, 'the root cannot be written to')
  assert.match(await image.must('cat /etc/tunggal/version'), /1\.0\.0/)
  assert.equal((await image.must('stat -c %U /proc/$(pidof node)')).trim(), 'tunggal')
  assert.match(await image.must('cat /proc/$(pidof node)/status'), /CapEff:\s+0000000000000000/)
  const listening = listeners(await image.must('cat /proc/net/tcp /proc/net/tcp6'))
  assert(listening.includes('0100007F:8080'), 'the page, on loopback')
  const outside = listening.filter(address => !/^(......7F|0{24}01000000):/.test(address))
  assert.deepEqual(outside, [`${'0'.repeat(32)}:4000`], 'nothing else listens but the hand of tests')
}

async function enrol(image: BootedImage, fingers: string): Promise<void> {
  for (let i = 1; i <= FINGERS.length; i++) {
    const text = (await readFile(join(fingers, `0${i}.png`))).toString('base64')
    await image.must(`mkdir -p /tmp/f && echo ${text} | base64 -d >/tmp/f/${i}.png && chmod 755 /tmp/f`)
  }
  const enrolled = await image.must(
    `${TUNGGAL} enrol ${WHERE} --images /tmp/f --nik ${NIK} --wait 120`,
    240_000,
  )
  assert.match(enrolled, /PRINT_READY_RECORD/)
}

/** Local addresses that are listened at, as /proc/net has them, with their ports. */
function listeners(tables: string): readonly string[] {
  return tables
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(([, , , state]) => state === '0A')
    .map(([, local]) => local.split(':'))
    .map(([address, port]) => `${address}:${Number.parseInt(port, 16)}`)
}
